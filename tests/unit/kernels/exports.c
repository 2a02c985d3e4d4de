/* The runtime's functions under names that a test can call. */

#define OVER(name)                                       \
    void all_##name(long n, const real *x, real *y) {    \
        for (long i = 0; i < n; i++) y[i] = real_##name(x[i]); \
    }
OVER(exp) OVER(log) OVER(tanh) OVER(sigmoid) OVER(softplus) OVER(sqrt) OVER(abs) OVER(sign) OVER(floor) OVER(sin) OVER(cos) OVER(erf)

#define PAIRS(name)                                                     \
    void all_##name(long n, const real *x, const real *y, real *z) {    \
        for (long i = 0; i < n; i++) z[i] = real_##name(x[i], y[i]);    \
    }
PAIRS(logaddexp) PAIRS(pow) PAIRS(max) PAIRS(min) PAIRS(mod) PAIRS(floordiv)

void all_quotient(long n, const real *x, const real *d, real *z) {
    for (long i = 0; i < n; i++) z[i] = real_quotient(x[i], d[0]);
}

long buffer_size(void) { return GEMM_BUFFER; }
long size_of_packed(long K, long N) { return packed_size(K, N); }
void multiply(long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs, long bcs, real *C, long crs,
              long ccs, int acc, real *buffer) {
    gemm(M, N, K, A, ars, acs, B, brs, bcs, C, crs, ccs, acc, buffer);
}
void multiply_packed(long M, long N, long K, const real *A, long ars, long acs, const real *P, real *C, long crs, long ccs,
                     int acc) {
    gemm_packed(M, N, K, A, ars, acs, P, C, crs, ccs, acc);
}
void multiply_within(int bounded, int by, long shift, long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs,
                     long bcs, real *C, long crs, long ccs, int acc, real *buffer) {
    gemm_within((within){bounded, by, shift}, M, N, K, A, ars, acs, B, brs, bcs, C, crs, ccs, acc, buffer);
}
void pack_part(long K, long N, const real *B, long brs, long bcs, real *P, int part, int parts) {
    pack(K, N, B, brs, bcs, P, part, parts);
}
/* Axes come as numbers: how many, the grain, then size and two steps of each. */
void contract_part(const long *rows, const long *columns, const long *inner, const real *A, const real *B, real *C, int acc, int id,
                   int threads) {
    contract((const struct axes *)rows, (const struct axes *)columns, (const struct axes *)inner, A, B, C, acc, id, threads);
}

void uniform(real *out, long n, uint64_t key, long begin, long end) { draw_uniform(out, n, key, begin, end); }
void normal(real *out, long n, uint64_t key, long begin, long end) { draw_normal(out, n, key, begin, end); }

/* Counts turns in a cell of each thread; between two barriers all cells must agree. */
typedef struct {
    long turns, differences, cell[16];
} Counting;

static void count_turns(int id, int threads, void *context) {
    Counting *c = context;
    for (long k = 0; k < c->turns; k++) {
        c->cell[id]++;
        team_barrier(threads);
        for (int other = 0; other < threads; other++)
            if (c->cell[other] != k + 1) __atomic_fetch_add(&c->differences, 1, __ATOMIC_RELAXED);
        team_barrier(threads);
    }
}

/* All turns made by `threads` threads; -1 where a thread ran ahead of a barrier. */
long count(int threads, long turns) {
    Counting c = {.turns = turns};
    long total = 0;
    team_run(count_turns, threads, &c);
    for (int id = 0; id < 16; id++) total += c.cell[id];
    return c.differences ? -1 : total;
}

static void see_tiny(int id, int threads, void *context) {
    volatile real tiny = REAL_BITS == 64 ? (real)1e-310 : (real)1e-40;
    (void)threads;
    ((real *)context)[id] = tiny + tiny;
}

/* A denormal number as each of two threads sees it, and as the caller sees it afterwards. */
void tiny_numbers(real *three) {
    see_tiny(2, 0, three);
    team_run(see_tiny, 2, three);
    see_tiny(2, 0, three);
}

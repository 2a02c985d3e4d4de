/* C[i,j] (+)= sum over k of A[i,k] B[k,j], any strides: register tiles, B in panels of two vectors with all its rows. */

#define ALONE static __attribute__((unused, noinline)) /* one copy: what is compiled twice takes twice as long */

/* The columns of a finished tile that C has, to any strides. */
ALONE void write_part(const real *t, long trs, long rows, long width, real *C, long crs, long ccs, int acc) {
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < width; j++) C[i * crs + j * ccs] = t[i * trs + j] + (acc ? C[i * crs + j * ccs] : 0);
}

/* What one k adds to a tile. */
INLINE void turn(int rows, int vectors, const real *A, long ars, const real *B, long next, vec *c) {
    vec b[8];
    EACH for (int v = 0; v < vectors; v++) b[v] = load(B + v / 2 * next + v % 2 * LANES);
    EACH for (int i = 0; i < rows; i++) {
        real a = A[i * ars];
        EACH for (int v = 0; v < vectors; v++) c[i * vectors + v] += a * b[v];
    }
}

/* One tile: `rows` x `vectors` of C from its rows of A and from a panel of B whose rows lie `brs` apart.
   Vectors beyond a panel's two are in the next panel, `next` further. `width` columns of C are real, the others padding.
   Its place in C and the rows of A below it are fetched meanwhile: they may lie in a far cache. */
INLINE void tile(int rows, int vectors, long K, const real *A, long ars, long acs, const real *B, long brs, long next, real *C,
                 long crs, long ccs, long width, int acc) {
    vec c[2 * TILE_ROWS] = {0};
    if (ccs == 1) {
        EACH for (int i = 0; i < rows; i++) { EACH for (int v = 0; v < vectors; v++) __builtin_prefetch(C + i * crs + v * LANES, 1); }
    }
    if (ars == 1 && rows > TILE_ROWS - 4)
        for (long k = 0; k < K; k++, A += acs, B += brs) turn(rows, vectors, A, 1, B, next, c);
    else {
        const real *below = A + rows * ars;
        for (long k = 0; k < K; below += 16 - 16 * ars) /* a line of each row in 16 turns */
            for (long end = k + 16 < K ? k + 16 : K; k < end; k++, A += acs, B += brs, below += ars) {
                if (rows > TILE_ROWS - 4) __builtin_prefetch(below);
                turn(rows, vectors, A, ars, B, next, c);
            }
    }
    if (width == vectors * LANES && ccs == 1) {
        if (acc) {
            EACH for (int i = 0; i < rows; i++) {
                EACH for (int v = 0; v < vectors; v++) c[i * vectors + v] += load(C + i * crs + v * LANES);
            }
        }
        EACH for (int i = 0; i < rows; i++) {
            EACH for (int v = 0; v < vectors; v++) store(C + i * crs + v * LANES, c[i * vectors + v]);
        }
        return;
    }
    if (vectors > 2 && ccs == 1) { /* a row that ends inside a vector */
        EACH for (int v = 0; v < vectors; v++) {
            EACH for (int i = 0; i < rows; i++) {
                vec t = c[i * vectors + v];
                real *row = C + i * crs + v * LANES;
                long left = width - v * LANES;
                if (left < LANES) {
                    for (long l = 0; l < left; l++) row[l] = t[l] + (acc ? row[l] : 0);
                    continue;
                }
                if (acc) t += load(row);
                store(row, t);
            }
        }
        return;
    }
    real t[2 * TILE_ROWS * LANES];
    EACH for (int i = 0; i < rows; i++) { EACH for (int v = 0; v < vectors; v++) store(t + (i * vectors + v) * LANES, c[i * vectors + v]); }
    write_part(t, vectors * LANES, rows, width, C, crs, ccs, acc);
}

_Thread_local real scratch[GEMM_BUFFER] __attribute__((aligned(64)));

typedef void tile_of(long K, const real *A, long ars, long acs, const real *B, long brs, long next, real *C, long crs, long ccs,
                     long width, int acc);
#define TILE(rows, vectors)                                                                                                    \
    LOCAL void tile_##rows##_##vectors(long K, const real *A, long ars, long acs, const real *B, long brs, long next, real *C, \
                                       long crs, long ccs, long width, int acc) {                                              \
        tile(rows, vectors, K, A, ars, acs, B, brs, next, C, crs, ccs, width, acc);                                            \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6) TILE(1, 4) TILE(1, 6) TILE(1, 8) TILE(2, 4)
#define BOTH(rows) {tile_##rows##_1, tile_##rows##_2}
#if defined(__AVX512F__) || defined(__aarch64__)
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#if defined(__AVX512F__)
TILES(13)
#define MORE , BOTH(7), BOTH(8), BOTH(9), BOTH(10), BOTH(11), BOTH(12), BOTH(13)
#else
#define MORE , BOTH(7), BOTH(8), BOTH(9), BOTH(10), BOTH(11), BOTH(12)
#endif
#else
#define MORE
#endif
static tile_of *const tiles[][2] = {BOTH(1), BOTH(2), BOTH(3), BOTH(4), BOTH(5), BOTH(6) MORE};

/* Rows of the tile that begins at row i of M: tiles are of even height. */
INLINE long height(long M, long i) {
    long left = (M - i + TILE_ROWS - 1) / TILE_ROWS;
    return (M - i + left - 1) / left;
}

/* All rows of `width` <= PANEL columns. Where acs is 0, A lies tile by tile, each with its columns one behind the other. */
ALONE void strip(long M, long K, const real *A, long ars, long acs, const real *B, long brs, real *C, long crs, long ccs,
                 long width, int acc) {
    for (long i = 0, rows; i < M; i += rows) {
        rows = height(M, i);
        tile_of *f = tiles[rows - 1][width > LANES];
        if (acs) f(K, A + i * ars, ars, acs, B, brs, PANEL, C + i * crs, crs, ccs, width, acc);
        else f(K, A + i * K, 1, rows, B, brs, PANEL, C + i * crs, crs, ccs, width, acc);
    }
}

LOCAL long packed_size(long K, long N) { return (N + PANEL - 1) / PANEL * PANEL * K; }

#ifdef LOWER
/* A square of LANES x LANES: each pass moves one bit of the row's number into the column's. */
INLINE void transpose(const real *from, long from_step, real *to, long to_step) {
    vec r[LANES], t[LANES];
    EACH for (int i = 0; i < LANES; i++) r[i] = load(from + i * from_step);
    EACH for (int pass = 1; pass < LANES; pass *= 2) {
        EACH for (int i = 0; i < LANES / 2; i++) {
            t[2 * i] = LOWER(r[i], r[i + LANES / 2]);
            t[2 * i + 1] = UPPER(r[i], r[i + LANES / 2]);
        }
        EACH for (int i = 0; i < LANES; i++) r[i] = t[i];
    }
    EACH for (int i = 0; i < LANES; i++) store(to + i * to_step, r[i]);
}
#endif

ALONE void pack_panel(long K, long width, const real *B, long brs, long bcs, real *P) {
    if (width < PANEL) {
        for (long k = 0; k < K; k++) store(P + k * PANEL, (vec){0}), store(P + k * PANEL + LANES, (vec){0});
        if (bcs == 1)
            for (long k = 0; k < K; k++)
                for (long j = 0; j < width; j++) P[k * PANEL + j] = B[k * brs + j];
        else
            for (long j = 0; j < width; j++)
                for (long k = 0; k < K; k++) P[k * PANEL + j] = B[k * brs + j * bcs];
    } else if (bcs == 1) {
        for (long k = 0; k < K; k++, B += brs, P += PANEL) store(P, load(B)), store(P + LANES, load(B + LANES));
    } else {
        long k0 = 0;
#ifdef LOWER
        for (; brs == 1 && k0 + LANES <= K; k0 += LANES)
            for (long j = 0; j < PANEL; j += LANES) transpose(B + k0 + j * bcs, bcs, P + k0 * PANEL + j, PANEL);
#endif
        for (long j = 0; j < PANEL; j++)
            for (long k = k0; k < K; k++) P[k * PANEL + j] = B[k * brs + j * bcs];
    }
}

/* Writes the panels of B that belong to thread `part` of `parts`; P has packed_size(K, N) reals. */
SHARED void pack(long K, long N, const real *B, long brs, long bcs, real *P, int part, int parts) {
    long panels = (N + PANEL - 1) / PANEL;
    for (long p = panels * part / parts; p < panels * (part + 1) / parts; p++) {
        long j = p * PANEL, width = N - j < PANEL ? N - j : PANEL;
        pack_panel(K, width, B + j * bcs, brs, bcs, P + j * K);
    }
}

LOCAL void gemm_nothing(long M, long N, real *C, long crs, long ccs, int acc) {
    for (long i = 0; i < M && !acc; i++)
        for (long j = 0; j < N; j++) C[i * crs + j * ccs] = 0;
}

/* The product with a B that was packed before: weights are packed once in a step and read at every turn. */
SHARED void gemm_packed(long M, long N, long K, const real *A, long ars, long acs, const real *P, real *C, long crs, long ccs,
                       int acc) {
    if (M == 0 || K == 0) gemm_nothing(M, N, C, crs, ccs, acc), K = 0;
    for (long k0 = 0; k0 < K; k0 += 2 * DEPTH) {
        long depth = K - k0 < 2 * DEPTH ? K - k0 : 2 * DEPTH, j = 0;
        const real *a = A + k0 * acs, *p = P + k0 * PANEL;
        int more = acc || k0 > 0;
        for (long span; M <= 2 && ccs == 1 && N - j > PANEL; j += span) { /* few rows: more columns keep the adders busy */
            tile_of *f = M == 2 ? tile_2_4 : N - j > 3 * PANEL ? tile_1_8 : N - j > 2 * PANEL ? tile_1_6 : tile_1_4;
            span = M == 2 ? 2 * PANEL : N - j > 3 * PANEL ? 4 * PANEL : N - j > 2 * PANEL ? 3 * PANEL : 2 * PANEL;
            f(depth, a, ars, acs, p + j * K, PANEL, K * PANEL, C + j, crs, 1, N - j < span ? N - j : span, more);
        }
        for (; j < N; j += PANEL)
            strip(M, depth, a, ars, acs, p + j * K, PANEL, C + j * ccs, crs, ccs, N - j < PANEL ? N - j : PANEL, more);
    }
}

/* A row times a matrix whose columns are contiguous: inner products, four at a time. */
ALONE void row_by_columns(long N, long K, const real *a, const real *B, long bcs, real *C, long ccs, int acc) {
    long whole = K / LANES * LANES;
    for (long j = 0; j < N; j += 4) {
        const real *b[4];
        vec s[4] = {0};
        EACH for (int n = 0; n < 4; n++) b[n] = B + (j + n < N ? j + n : j) * bcs;
        for (long k = 0; k < whole; k += LANES) {
            vec x = load(a + k);
            EACH for (int n = 0; n < 4; n++) s[n] += x * load(b[n] + k);
        }
        for (int n = 0; n < 4 && j + n < N; n++) {
            real sum = 0;
            for (int l = 0; l < LANES; l++) sum += s[n][l];
            for (long k = whole; k < K; k++) sum += a[k] * b[n][k];
            C[(j + n) * ccs] = sum + (acc ? C[(j + n) * ccs] : 0);
        }
    }
}

/* A block of A moves together: rows as far apart as a power of two would push each other out of the cache. */
ALONE void copy_rows(long rows, long depth, const real *A, long ars, long acs, real *to) {
    for (long i = 0; i < rows; i++, A += ars, to += DEPTH + LANES)
        if (acs == 1) memcpy(to, A, depth * sizeof(real));
        else
            for (long k = 0; k < depth; k++) to[k] = A[k * acs];
}
/* A few numbers: from half a vector on, two halves that overlap. */
INLINE void copy_few(long n, const real *from, real *to) {
    if (n >= LANES / 2 && n <= LANES) {
        half first = *(const half *)from, last = *(const half *)(from + n - LANES / 2);
        *(half *)to = first, *(half *)(to + n - LANES / 2) = last;
    } else
        for (long i = 0; i < n; i++) to[i] = from[i];
}
ALONE void copy_tiles(long M, long depth, const real *A, long acs, real *to) {
    for (long i = 0, rows; i < M; i += rows) {
        rows = height(M, i);
        for (long k = 0; k < depth; k++, to += rows) copy_few(rows, A + i + k * acs, to);
    }
}

/* The product, by the path that fits its shape. `buffer` is the thread's own, of GEMM_BUFFER reals. */
SHARED void gemm(long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs, long bcs, real *C, long crs,
                long ccs, int acc, real *buffer) {
    if ((ccs != 1 && crs == 1) || (N == 1 && M > 1)) { /* the transposed product writes contiguous rows */
        const real *a = A;
        long m = M, rs = ars, cs = acs, s = crs;
        A = B, B = a, M = N, N = m, ars = bcs, acs = brs, brs = cs, bcs = rs, crs = ccs, ccs = s;
    }
    if (M == 0 || K == 0) gemm_nothing(M, N, C, crs, ccs, acc), K = 0;
    real *panel = buffer, *block = buffer + DEPTH * PANEL;
    int columns = M <= 3 && brs == 1 && bcs != 1; /* B as it is, column by column */
    int tall = !columns && ars == 1 && acs != 1 && N > 2 * PANEL && M > 2;
    int far = columns ? acs != 1 : N > 2 * PANEL && M > 2 && (acs != 1 || ars * (long)sizeof(real) % 1024 == 0);
    long blocks = (M + BLOCK - 1) / BLOCK;
    for (long k0 = 0; k0 < K; k0 += DEPTH, acc = 1) {
        long depth = K - k0 < DEPTH ? K - k0 : DEPTH;
        const real *b = B + k0 * brs;
        for (long part = 0; part < blocks; part++) {
            long i0 = M * part / blocks, rows = M * (part + 1) / blocks - i0, j = 0, rs = ars, cs = acs;
            const real *a = A + i0 * ars + k0 * acs;
            real *c = C + i0 * crs;
            if (tall) copy_tiles(rows, depth, a, acs, block), a = block, cs = 0;
            else if (far) copy_rows(rows, depth, a, rs, cs, block), a = block, rs = DEPTH + LANES, cs = 1;
            for (long i = 0; columns && i < rows; i++) row_by_columns(N, depth, a + i * rs, b, bcs, c + i * crs, ccs, acc);
            if (columns) continue;
            int in_place = bcs == 1 && (rows <= 3 * TILE_ROWS || brs <= PANEL);
            for (; rows <= 2 && in_place && ccs == 1 && N - j >= 8 * LANES / rows; j += 8 * LANES / rows)
                (rows == 1 ? tile_1_8 : tile_2_4)(depth, a, rs, cs, b + j, brs, PANEL, c + j, crs, 1, 8 * LANES / rows, acc);
            for (long width; j < N; j += width) {
                width = N - j < PANEL ? N - j : PANEL;
                if (in_place && width >= LANES) {
                    width = width / LANES * LANES;
                    strip(rows, depth, a, rs, cs, b + j, brs, c + j * ccs, crs, ccs, width, acc);
                } else if (in_place && N >= LANES) { /* the last columns, with some before them to fill the vector */
                    strip(rows, depth, a, rs, cs, b + N - LANES, brs, panel, LANES, 1, LANES, 0);
                    write_part(panel + LANES - width, LANES, rows, width, c + j * ccs, crs, ccs, acc);
                } else {
                    pack_panel(depth, width, b + j * bcs, brs, bcs, panel);
                    strip(rows, depth, a, rs, cs, panel, PANEL, c + j * ccs, crs, ccs, width, acc);
                }
            }
        }
    }
}

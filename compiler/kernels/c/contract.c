/* Products along many axes: C[m, n] (+)= sum over k of A[m, k] B[k, n], where m, n and k each run along axes of their own.
   A convolution is one, and so are both of its gradients: a window is an axis beside another along the same rows. Blocks are
   gathered by tables of offsets; the register tiles are those of `gemm`. What does not lie evenly in C is added from a tile. */

enum {
    STEP = DEPTH + LANES, /* from row to row of a block: not a power of two */
    SHALLOW = 64,
    WIDE = 16 * PANEL,    /* columns that are packed together: with a block of A they stay in the second cache */
};

static _Thread_local real gathered_columns[DEPTH * WIDE] __attribute__((aligned(64), unused));
static _Thread_local real gathered_rows[BLOCK * STEP] __attribute__((aligned(64), unused));
static _Thread_local real gathered_lines[PANEL * STEP] __attribute__((aligned(64), unused));

LOCAL long points_of(const struct axes *x) {
    long points = 1;
    for (long a = 0; a < x->count; a++) points *= x->of[a].size;
    return points;
}

/* Where `count` points lie in array `side`, from point `from` on. */
ALONE void offsets(const struct axes *x, int side, long from, long count, long *to) {
    long at[AXES], offset = 0;
    if (count == 0) return;
    for (long a = x->count - 1; a >= 0; from /= x->of[a--].size) offset += (at[a] = from % x->of[a].size) * x->of[a].step[side];
    for (long n = 0; n < count; n++) {
        to[n] = offset;
        for (long a = x->count - 1; a >= 0; at[a--] = 0) {
            offset += x->of[a].step[side];
            if (++at[a] < x->of[a].size) break;
            offset -= at[a] * x->of[a].step[side];
        }
    }
}

ALONE int even(const long *at, long count, long run) {
    for (long n = 1; n < count; n++)
        if (n % run && at[n] != at[n - 1] + 1) return 0;
    return 1;
}

/* How many neighbours lie side by side, everywhere: all of a panel, a vector, a part of one, or one. */
LOCAL long run_of(const long *at, long count) {
    long run = PANEL;
    while (run > 1 && !even(at, count, run)) run /= 2;
    return run;
}

#if VECTOR_BYTES >= 32
typedef real half __attribute__((vector_size(VECTOR_BYTES / 2), may_alias, aligned(sizeof(real))));
#endif
#if VECTOR_BYTES >= 64
typedef real quarter __attribute__((vector_size(VECTOR_BYTES / 4), may_alias, aligned(sizeof(real))));
#define RUNS(DO) DO(vecu, LANES) DO(half, LANES / 2) DO(quarter, LANES / 4)
#elif VECTOR_BYTES >= 32
#define RUNS(DO) DO(vecu, LANES) DO(half, LANES / 2)
#else
#define RUNS(DO) DO(vecu, LANES)
#endif

/* Elements by their offsets, one after another. */
ALONE void gather(const real *from, const long *at, long count, long run, real *to) {
    long j = 0;
#define COPY(type, n) if (run >= n) for (; j + n <= count; j += n) *(type *)(to + j) = *(const type *)(from + at[j]);
    RUNS(COPY)
    for (; j < count; j++) to[j] = from[at[j]];
}

/* A finished tile goes to C by offsets, row after row: rows may meet in one element. */
ALONE void spread(const real *t, long rows, long width, real *C, const long *row, const long *column, long run, int acc) {
    for (long i = 0; i < rows; i++, t += PANEL) {
        real *c = C + row[i];
        long j = 0;
#define ADD(type, n)                                                                                                \
    if (run >= n) {                                                                                                 \
        for (; acc && j + n <= width; j += n) *(type *)(c + column[j]) += *(const type *)(t + j);                   \
        for (; j + n <= width; j += n) *(type *)(c + column[j]) = *(const type *)(t + j);                           \
    }
        RUNS(ADD)
        for (; j < width; j++) c[column[j]] = t[j] + (acc ? c[column[j]] : 0);
    }
}

/* A panel of B: columns that lie side by side are copied row by row, others line by line, and then turned. */
ALONE void gather_panel(long depth, long width, const real *B, const long *inner, long along, const long *column, real *P) {
    long run = run_of(column, width);
    if (run < 4 && along > run) {
        for (long j = 0; j < width; j++) gather(B + column[j], inner, depth, along, gathered_lines + j * STEP);
        pack_panel(depth, width, gathered_lines, 1, STEP, P);
        return;
    }
    for (long k = 0; k < depth; k++, P += PANEL) {
        gather(B + inner[k], column, width, run, P);
        for (long j = width; j < PANEL; j++) P[j] = 0;
    }
}

/* A block of A: row by row, or tile by tile where its rows lie side by side. Answers the step along a row, as `tile` takes it. */
ALONE long gather_block(long rows, long depth, const real *A, const long *row, const long *inner, long along, real *to) {
    if (along > 1 || !even(row, rows, rows + 1)) {
        for (long i = 0; i < rows; i++) gather(A + row[i], inner, depth, along, to + i * STEP);
        return 1;
    }
    for (long k0 = 0; k0 < depth; k0 += 16) /* some columns at a time: what is read lies far apart, what is written too */
        for (long i = 0, tall; i < rows; i += tall) {
            tall = height(rows, i);
            long padded = (tall + LANES - 1) / LANES * LANES, end = k0 + 16 < depth ? k0 + 16 : depth;
            real *tile = to + i * depth + k0 * tall;
            for (long k = k0; k < end; k++, tile += tall) {
                const real *from = A + row[i] + inner[k];
                if (i + padded <= rows && k * tall + padded <= depth * tall) /* what is copied too much is overwritten */
                    for (long j = 0; j < tall; j += LANES) store(tile + j, load(from + j));
                else
                    for (long j = 0; j < tall; j++) tile[j] = from[j];
            }
        }
    return 0;
}

/* The rows of a panel whose elements in C have offsets. */
ALONE void strip_by_offsets(long rows, long depth, const real *A, long ars, long acs, const real *panel, real *C, const long *row,
                            const long *column, long width, long run, int acc) {
    real t[TILE_ROWS * PANEL] __attribute__((aligned(64)));
    long padded = width > LANES ? PANEL : LANES;
    for (long i = 0, tall; i < rows; i += tall) {
        tall = height(rows, i);
        if (acs) tiles[tall - 1][width > LANES](depth, A + i * ars, ars, acs, panel, PANEL, PANEL, t, PANEL, 1, padded, 0);
        else tiles[tall - 1][width > LANES](depth, A + i * depth, 1, tall, panel, PANEL, PANEL, t, PANEL, 1, padded, 0);
        spread(t, tall, width, C, row + i, column, run, acc);
    }
}

struct part {
    long from, to;
};

/* What thread `id` has of `points`, in whole grains; the largest part where id is -1. */
LOCAL struct part part_of(long points, long grain, int id, int threads) {
    long grains = (points + grain - 1) / grain;
    if (id < 0) return (struct part){0, (grains + threads - 1) / threads * grain};
    long from = grains * id / threads * grain, to = grains * (id + 1) / threads * grain;
    return (struct part){from, to < points ? to : points};
}

/* Steps: of `rows` in A and C, of `columns` in B and C, of `inner` in A and B. Threads share rows or columns, whichever
   leaves the longest part the least to do. */
SHARED void contract(const struct axes *rows, const struct axes *columns, const struct axes *inner, const real *A, const real *B,
                     real *C, int acc, int id, int threads) {
    long M = points_of(rows), N = points_of(columns), K = points_of(inner);
    long grain = columns->grain > 1 ? columns->grain : PANEL;
    long tall = part_of(M, rows->grain, -1, threads).to, wide = part_of(N, grain, -1, threads).to;
    struct part m = {0, M}, n = {0, N};
    if (tall * N + 16 * (tall + N) < M * wide + 16 * (M + wide)) m = part_of(M, rows->grain, id, threads);
    else n = part_of(N, grain, id, threads);
    long parts = K > DEPTH ? (K + DEPTH - 1) / DEPTH : 1, blocks = (m.to - m.from + BLOCK - 1) / BLOCK;
    long column[WIDE], at[PANEL], in_a[DEPTH], in_b[DEPTH], row[BLOCK], from[BLOCK], run[WIDE / PANEL];
    in_a[0] = in_b[0] = 0;
    for (long j0 = n.from, width; j0 < n.to && m.from < m.to; j0 += width) {
        width = n.to - j0 < WIDE ? n.to - j0 : WIDE;
        offsets(columns, 1, j0, width, column);
        for (long j = 0; j < width; j += PANEL) run[j / PANEL] = run_of(column + j, width - j < PANEL ? width - j : PANEL);
        for (long part = 0; part < parts; part++) {
            long k0 = K * part / parts, depth = K * (part + 1) / parts - k0;
            offsets(inner, 0, k0, depth, in_a);
            offsets(inner, 1, k0, depth, in_b);
            long a_along = run_of(in_a, depth), b_along = run_of(in_b, depth);
            for (long j = 0; j < width; j += PANEL) {
                long some = width - j < PANEL ? width - j : PANEL;
                offsets(columns, 0, j0 + j, some, at);
                gather_panel(depth, some, B, in_b, b_along, at, gathered_columns + j * DEPTH);
            }
            for (long block = 0; block < blocks; block++) {
                long i0 = m.from + (m.to - m.from) * block / blocks, count = m.from + (m.to - m.from) * (block + 1) / blocks - i0;
                offsets(rows, 0, i0, count, from);
                offsets(rows, 1, i0, count, row);
                const real *a = A + from[0] + in_a[0];
                long ars = rows->count ? rows->of[0].step[0] : 0, acs = 1; /* few columns do not pay for a copy */
                if (rows->count > 1 || width > 2 * PANEL || !even(in_a, depth, depth + 1))
                    a = gathered_rows, ars = STEP, acs = gather_block(count, depth, A, from, in_a, a_along, gathered_rows);
                for (long i = 0, tall; i < count; i += tall) {
                    tall = depth > SHALLOW ? count : height(count, i); /* a short sum is mostly writing: along the rows */
                    const real *some_rows = a + i * (acs ? ars : depth);
                    for (long j = 0; j < width; j += PANEL) {
                        long some = width - j < PANEL ? width - j : PANEL;
                        const real *panel = gathered_columns + j * DEPTH;
                        if (rows->count <= 1 && run[j / PANEL] == PANEL)
                            strip(tall, depth, some_rows, ars, acs, panel, PANEL, C + row[i] + column[j],
                                  rows->count ? rows->of[0].step[1] : 0, 1, some, acc || part > 0);
                        else
                            strip_by_offsets(tall, depth, some_rows, ars, acs, panel, C, row + i, column + j, some, run[j / PANEL], acc || part > 0);
                    }
                }
            }
        }
    }
}

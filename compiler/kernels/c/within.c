/* Products of which only a triangle counts: C[i,j] or the terms k of its sum where one number is at most another. */

/* Which k of the sum count for the block of rows at i and the panel at j; whether the block itself does. */
INLINE int within_block(within w, long i, long j, long *from, long *to) {
    long at[2] = {i, j};
    if (w.bounded == BY_INNER) *to = at[w.by] / STAIR * STAIR + STAIR + w.shift;
    else if (w.by == BY_INNER) *from = (at[w.bounded] - w.shift) / STAIR * STAIR;
    else return at[w.bounded] / STAIR * STAIR <= at[w.by] / STAIR * STAIR + STAIR - 1 + w.shift;
    return 1;
}

/* As `gemm`, within a triangle. What lies outside of it is left as it is. */
SHARED void gemm_within(within w, long M, long N, long K, const real *A, long ars, long acs, const real *B, long brs, long bcs, real *C,
                       long crs, long ccs, int acc, real *buffer) {
    if (ccs != 1 && crs == 1) { /* the transposed product writes contiguous rows */
        const real *a = A;
        long m = M, rs = ars, cs = acs, s = crs;
        A = B, B = a, M = N, N = m, ars = bcs, acs = brs, brs = cs, bcs = rs, crs = ccs, ccs = s;
        w.bounded = w.bounded == BY_INNER ? BY_INNER : 1 - w.bounded;
        w.by = w.by == BY_INNER ? BY_INNER : 1 - w.by;
    }
    for (long k0 = 0; k0 < K || k0 == 0; k0 += DEPTH)
        for (long j = 0; j < N; j += PANEL) {
            long depth = K - k0 < DEPTH ? K - k0 : DEPTH, width = N - j < PANEL ? N - j : PANEL;
            pack_panel(depth, width, B + k0 * brs + j * bcs, brs, bcs, buffer);
            for (long i = 0; i < M; i += STAIR) {
                long rows = M - i < STAIR ? M - i : STAIR, from = 0, to = K;
                if (!within_block(w, i, j, &from, &to)) continue;
                from = from < 0 ? 0 : from, to = to > K ? K : to;
                real *c = C + i * crs + j * ccs;
                long begin = from > k0 ? from : k0, end = to < k0 + depth ? to : k0 + depth;
                if (begin < end)
                    strip(rows, end - begin, A + i * ars + begin * acs, ars, acs, buffer + (begin - k0) * PANEL, PANEL, c, crs, ccs, width, acc || begin > from);
                else if (k0 == 0 && from >= to) gemm_nothing(rows, width, c, crs, ccs, acc);
            }
        }
}

/* The numbers of runtime/backends/random.py: a function of key and position, so that threads share an array without asking. */

INLINE uint64_t draw_bits(uint64_t key, long position) {
    uint64_t x = (uint64_t)(position + 1) * UINT64_C(0x9E3779B97F4A7C15) + key;
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* Positions begin..end of `out`, n in all: numbers on [0, 1), multiples of 2^-24 or 2^-53. */
LOCAL void draw_uniform(real *out, long n, uint64_t key, long begin, long end) {
    (void)n;
    for (long i = begin; i < end; i++)
#if REAL_BITS == 64
        out[i] = (double)(int64_t)(draw_bits(key, i) >> 11) * 0x1p-53;
#else
        out[i] = (float)(int32_t)(draw_bits(key, i) >> 40) * 0x1p-24f;
#endif
}

/* The same for standard normal numbers (Box and Muller 1958), in double precision: cosines in the first half, sines in the second. */
LOCAL void draw_normal(real *out, long n, uint64_t key, long begin, long end) {
    long half = (n + 1) / 2;
    for (long i = begin; i < end; i++) {
        long pair = i < half ? i : i - half;
        double u = ((double)(int64_t)(draw_bits(key, pair) >> 11) + 1) * 0x1p-53; /* (0, 1]: the logarithm is finite */
        double angle = (double)(int64_t)(draw_bits(key, half + pair) >> 11) * (0x1p-53 * 2 * 3.141592653589793);
        out[i] = (real)(sqrt(-2 * log(u)) * (i < half ? cos(angle) : sin(angle)));
    }
}

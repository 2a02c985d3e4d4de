/* The update behind a step: threads own parts of the flat blocks, each from the beginning of a line of the cache. */

struct update {
    real *parameters, *gradients, *slots[2];
    const real *scale; /* a factor of the rate for each parameter, 0 where it is frozen; none: 1 for all */
    const long *groups; /* of those whose norm is limited: where it begins, how many units, how many weights of each */
    const double *limits;
    long count, limited; /* parameters; groups */
    double rate, clip, clip_value, shared[16]; /* infinite where nothing is clipped */
    double norm, sums[TEAM_MOST]; /* the gradient's norm before it was clipped by it; of each part the sum of squares */
};

/* A number of the gradient, as the rule is given it before the norm is clipped. NaN stays. */
INLINE real update_gradient(real g, real factor, real most) {
    g = factor == 0 ? 0 : g;
    g = g > most ? most : g;
    return g < -most ? -most : g;
}

INLINE long update_part(const struct update *u, int id, int threads) {
    const long line = 64 / sizeof(real), end = (u->count + line - 1) / line * id / threads * line;
    return end < u->count ? end : u->count;
}

INLINE double update_squares(const struct update *u, long from, long to, int scaled) {
    const real *const gradients = u->gradients, *const scale = u->scale, most = (real)u->clip_value;
    double total = 0;
    _Pragma("omp simd reduction(+:total)") for (long i = from; i < to; i++) {
        const double g = update_gradient(gradients[i], scaled ? scale[i] : 1, most);
        total += g * g;
    }
    return total;
}

/* What the gradient is multiplied by so that its norm is at most `clip`: the sums are added in the same order by all threads. */
LOCAL real update_clip(struct update *u, long from, long to, int id, int threads) {
    double total = 0;
    u->sums[id] = u->scale ? update_squares(u, from, to, 1) : update_squares(u, from, to, 0);
    team_barrier(threads);
    for (int k = 0; k < threads; k++) total += u->sums[k];
    const double norm = __builtin_sqrt(total);
    if (id == 0) u->norm = norm;
    return norm > u->clip ? (real)(u->clip / norm) : 1;
}

/* The weights into each unit are scaled back to a norm of at most the group's limit. */
LOCAL void update_limit(const struct update *u, int id, int threads) {
    for (long k = 0; k < u->limited; k++) {
        const long units = u->groups[3 * k + 1], size = u->groups[3 * k + 2];
        for (long n = units * id / threads; n < units * (id + 1) / threads; n++) {
            real *const w = u->parameters + u->groups[3 * k] + n * size;
            real total = 0;
            _Pragma("omp simd reduction(+:total)") for (long i = 0; i < size; i++) total += w[i] * w[i];
            const real norm = real_max(real_sqrt(total), (real)1e-12), factor = real_min(1, (real)u->limits[k] / norm);
            INDEPENDENT for (long i = 0; i < size; i++) w[i] *= factor;
        }
    }
}

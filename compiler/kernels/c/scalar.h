/* Scalar functions without branches, so that a loop over them becomes vector code. In float32 each is right to a relative 4e-7;
   float64, and STRICT, take the C library's. Infinities and NaN come out as the C library has them. */

INLINE real real_abs(real x) { return x < 0 ? -x : x; }
INLINE real real_sign(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
INLINE real real_max(real x, real y) { return x > y || x != x ? x : y; } /* NaN of either side comes out */
INLINE real real_min(real x, real y) { return x < y || x != x ? x : y; }

#if REAL_BITS == 64
#define C_LIBRARY(name) name
#else
#define C_LIBRARY(name) name##f
#endif

INLINE real real_sqrt(real x) { return C_LIBRARY(__builtin_sqrt)(x); }
INLINE real real_floor(real x) { return C_LIBRARY(__builtin_floor)(x); }
INLINE real real_pow(real x, real y) { return C_LIBRARY(pow)(x, y); }

/* x / d where one d divides many x: its reciprocal and one correction, which rounds as a division does, in a quarter of the time. */
INLINE real real_quotient(real x, real d) {
#if !defined(STRICT) && (defined(__FMA__) || defined(__ARM_FEATURE_FMA))
    real r = 1 / d, q = x * r, exact = C_LIBRARY(__builtin_fma)(C_LIBRARY(__builtin_fma)(-q, d, x), r, q);
    return exact - exact == 0 ? exact : q; /* infinities have no difference */
#else
    return x / d;
#endif
}

/* Python's and NumPy's: the remainder has the sign of the divisor. */
INLINE real real_mod(real x, real y) {
    real r = C_LIBRARY(fmod)(x, y);
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}
INLINE real real_floordiv(real x, real y) {
    real r = C_LIBRARY(fmod)(x, y), q = (x - r) / y - (r != 0 && (r < 0) != (y < 0)), whole = real_floor(q);
    return y == 0 ? x / y : q - whole > (real)0.5 ? whole + 1 : whole;
}

#if REAL_BITS == 64 || defined(STRICT)

INLINE real real_exp(real x) { return C_LIBRARY(exp)(x); }
INLINE real real_log(real x) { return C_LIBRARY(log)(x); }
INLINE real real_tanh(real x) { return C_LIBRARY(tanh)(x); }
INLINE real real_sin(real x) { return C_LIBRARY(sin)(x); }
INLINE real real_cos(real x) { return C_LIBRARY(cos)(x); }
INLINE real real_erf(real x) { return C_LIBRARY(erf)(x); }
INLINE real real_log1p_unit(real u) { return C_LIBRARY(log1p)(u); }

#else

INLINE uint32_t to_bits(float x) {
    uint32_t i;
    memcpy(&i, &x, sizeof i);
    return i;
}
INLINE float from_bits(uint32_t i) {
    float x;
    memcpy(&x, &i, sizeof x);
    return x;
}
INLINE int32_t nearest(float x) { return (int32_t)(x + __builtin_copysignf(0.5f, x)); }

/* x = n log 2 + r; e^r is a polynomial and n goes into the exponent. */
INLINE float real_exp(float x) {
    int32_t n = nearest(x * 1.44269504f);
    float k = (float)n, r = x - k * 0.693359375f - k * -2.12194440e-4f;
    float q = 1.3814517e-3f;
    q = q * r + 8.3687560e-3f;
    q = q * r + 4.16683919e-2f;
    q = q * r + 0.16666520f;
    q = q * r + 0.49999993f;
    q = q * r * r + r + 1;
    q = from_bits(to_bits(q) + ((uint32_t)n << 23));
    q = x > 88.3762626f ? from_bits(to_bits(q) - (1u << 23)) * 2 : q; /* the last power of two does not fit the exponent yet */
    q = x > 88.7228394f ? INFINITY : q;
    return x < -87.3365448f ? 0 : q;
}

/* x = 2^n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2). */
INLINE float real_log(float x) {
    int32_t i = (int32_t)(to_bits(x) - 0x3f3504f3u);
    float n = (float)(i >> 23), f = from_bits(((uint32_t)i & 0x7fffffu) + 0x3f3504f3u) - 1;
    float p = -7.63449678e-2f;
    p = p * f + 0.12761577f;
    p = p * f - 0.13160182f;
    p = p * f + 0.14201758f;
    p = p * f - 0.16623357f;
    p = p * f + 0.20001227f;
    p = p * f - 0.25000821f;
    p = p * f + 0.33333332f;
    p = p * f * f * f + n * -2.12194440e-4f - 0.5f * f * f;
    p = p + f + n * 0.693359375f;
    p = x < 1.17549435e-38f ? (x < 0 ? NAN : -INFINITY) : p;
    return x <= 3.40282347e38f ? p : x;
}

/* log(1 + u) for u between 0 and 1. */
INLINE float real_log1p_unit(float u) {
    float p = -3.24402095e-3f;
    p = p * u + 1.98514433e-2f;
    p = p * u - 5.69594986e-2f;
    p = p * u + 0.10603651f;
    p = p * u - 0.15305590f;
    p = p * u + 0.19675939f;
    p = p * u - 0.24954134f;
    p = p * u + 0.33329962f;
    p = p * u - 0.49999902f;
    return p * u * u + u;
}

INLINE float within_one(float x) {
    x = x < -1 ? -1 : x;
    return x > 1 ? 1 : x;
}

/* An odd rational function; behind 9.01 the nearest float is 1. */
INLINE float real_tanh(float x) {
    x = x < -9.01f ? -9.01f : x;
    x = x > 9.01f ? 9.01f : x;
    float s = x * x, p = 1.33187698e-8f, q = 7.76189374e-7f;
    p = p * s + 2.05832572e-5f;
    p = p * s + 3.49402087e-3f;
    p = p * s + 0.13379706f;
    p = p * s + 0.99999998f;
    q = q * s + 3.28307046e-4f;
    q = q * s + 2.58710212e-2f;
    q = q * s + 0.46713022f;
    q = q * s + 1;
    return within_one(p * x / q);
}

/* The same, up to 3.92. */
INLINE float real_erf(float x) {
    x = x < -3.92f ? -3.92f : x;
    x = x > 3.92f ? 3.92f : x;
    float s = x * x, p = 2.04196931e-6f, q = 3.80038827e-5f;
    p = p * s + 2.84805227e-4f;
    p = p * s + 3.77951623e-3f;
    p = p * s + 5.27899938e-2f;
    p = p * s + 0.19078185f;
    p = p * s + 1.12837915f;
    q = q * s + 1.16518778e-3f;
    q = q * s + 1.49972518e-2f;
    q = q * s + 0.11425668f;
    q = q * s + 0.50240873f;
    q = q * s + 1;
    return within_one(p * x / q);
}

/* sin(x + quarters pi / 2), reduced in float64. Behind 1e9 a float32 knows nothing about its place in a turn: NaN. */
INLINE float real_turn(float x, int32_t quarters) {
    double whole = x * 0.63661977236758134;
    int32_t n = (int32_t)(whole + __builtin_copysign(0.5, whole));
    float r = (float)(x - n * 1.5707963267341256 - n * 6.0771005065061922e-11), s = r * r;
    float odd = ((-1.9515296e-4f * s + 8.3321609e-3f) * s - 0.16666655f) * s * r + r;
    float even = ((2.4433157e-5f * s - 1.3887316e-3f) * s + 4.1666646e-2f) * s * s - 0.5f * s + 1;
    n += quarters;
    odd = n & 1 ? even : odd;
    odd = n & 2 ? -odd : odd;
    return real_abs(x) < 1e9f ? odd : NAN;
}
INLINE float real_sin(float x) { return real_turn(x, 0); }
INLINE float real_cos(float x) { return real_turn(x, 1); }

#endif

INLINE real real_sigmoid(real x) { return 1 / (1 + real_exp(-x)); }
INLINE real real_softplus(real x) { return real_max(x, 0) + real_log1p_unit(real_exp(-real_abs(x))); }
INLINE real real_logaddexp(real x, real y) {
    real apart = x == y ? 0 : x - y; /* two equal infinities have no difference */
    return real_max(x, y) + real_log1p_unit(real_exp(-real_abs(apart)));
}

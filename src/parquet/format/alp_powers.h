/*
 * alp_powers.h - the powers of ten of ALP, as literals: what a value is multiplied by, to the bit
 */
#ifndef JI_ALP_POWERS_H
#define JI_ALP_POWERS_H

#define JI_ALP_FLOAT_EXPONENT_MAX 10
#define JI_ALP_DOUBLE_EXPONENT_MAX 18

extern const double ji_alp_powers[JI_ALP_DOUBLE_EXPONENT_MAX + 1];
extern const double ji_alp_inverses[JI_ALP_DOUBLE_EXPONENT_MAX + 1];
extern const float ji_alp_powers_float[JI_ALP_FLOAT_EXPONENT_MAX + 1];
extern const float ji_alp_inverses_float[JI_ALP_FLOAT_EXPONENT_MAX + 1];

#endif

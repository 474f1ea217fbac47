/*
 * checksum_test.c - published test vectors of CRC-32, xxHash64 and murmur3
 */
#include "support/test.h"

#include "codec/checksum.h"
#include "codec/murmur3.h"

static void crc32_of_the_check_string_is_cbf43926(void **state)
{
    (void)state;
    assert_int_equal(ji_crc32(0, "123456789", 9), 0xcbf43926u);
    assert_int_equal(ji_crc32(0, NULL, 0), 0);
}

static void crc32_goes_on_where_it_stopped(void **state)
{
    (void)state;
    const uint32_t first = ji_crc32(0, "1234", 4);
    assert_int_equal(ji_crc32(ji_crc32(first, NULL, 0), "56789", 5), 0xcbf43926u);
}

static void xxh64_agrees_with_its_published_values(void **state)
{
    (void)state;
    assert_true(ji_xxh64("", 0, 0) == UINT64_C(0xef46db3751d8e999));
    assert_true(ji_xxh64("abc", 3, 0) == UINT64_C(0x44bc2cf5ad770999));
}

/* Iceberg's spec, appendix B. */
static void murmur3_agrees_with_icebergs_table(void **state)
{
    (void)state;
    uint8_t eight[8];
    ji_store_le64(eight, 34);
    assert_int_equal((int32_t)ji_murmur3_x86_32(eight, 8, 0), 2017239379);
    assert_int_equal((int32_t)ji_murmur3_x86_32("iceberg", 7, 0), 1210000089);
    const uint8_t uuid[16] = {
            0xf7, 0x9c, 0x3e, 0x09, 0x67, 0x7c, 0x4b, 0xbd, 0xa4, 0x79, 0x3f, 0x34, 0x9c, 0xb7, 0x85, 0xe7};
    assert_int_equal((int32_t)ji_murmur3_x86_32(uuid, 16, 0), 1488055340);
    const uint8_t bytes[4] = {0, 1, 2, 3};
    assert_int_equal((int32_t)ji_murmur3_x86_32(bytes, 4, 0), -188683207);
    ji_store_le64(eight, (uint64_t)-1);
    assert_int_equal((int32_t)ji_murmur3_x86_32(eight, 8, 0), 1651860712);
}

/* Values of the reference implementation for every tail length. */
static void murmur3_takes_tails_of_every_length(void **state)
{
    (void)state;
    assert_int_equal(ji_murmur3_x86_32(NULL, 0, 0), 0);
    assert_int_equal(ji_murmur3_x86_32(NULL, 0, 1), 0x514e28b7u);
    assert_int_equal(ji_murmur3_x86_32("\x21", 1, 0), 0x72661cf4u);
    assert_int_equal(ji_murmur3_x86_32("\x21\x43", 2, 0), 0xa0f7b07au);
    assert_int_equal(ji_murmur3_x86_32("\x21\x43\x65", 3, 0), 0x7e4a8634u);
    assert_int_equal(ji_murmur3_x86_32("\x21\x43\x65\x87", 4, 0), 0xf55b516bu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(crc32_of_the_check_string_is_cbf43926),
            cmocka_unit_test(crc32_goes_on_where_it_stopped),
            cmocka_unit_test(xxh64_agrees_with_its_published_values),
            cmocka_unit_test(murmur3_agrees_with_icebergs_table),
            cmocka_unit_test(murmur3_takes_tails_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

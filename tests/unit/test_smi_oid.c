/* SPDX-License-Identifier: Apache-2.0
 * OIDs as text, numbers and BER: round trips, the order of encoded OIDs against the order of
 * decoded ones on random pairs, and every malformed encoding. */
#include "proto/smi/oid.h"

#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* By sub-identifier, a prefix comes first: the order that encoded OIDs must have too. */
static int compare(const struct oid *a, const struct oid *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++) {
		if (a->sub[i] != b->sub[i])
			return a->sub[i] < b->sub[i] ? -1 : 1;
	}
	return (a->len > b->len) - (a->len < b->len);
}

static struct oid from(const char *text)
{
	struct oid o;
	assert_int_equal(oid_from_text(&o, text), 0);
	return o;
}

static void test_text_round_trips(void **state)
{
	(void)state;
	static const char *const good[] = {"0.0", "1.3", "1.3.6.1.2.1.43.10.2.1.4.1.1",
		"2.999.4294967295.0", "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1", "2.4294967215"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char text[128];
		uint8_t ber[LIMIT_OID_BER];
		struct oid o = from(good[i]), back;
		assert_int_equal(oid_to_text(text, sizeof text, &o), strlen(good[i]));
		assert_string_equal(text, good[i]);
		int n = oid_encode(ber, sizeof ber, &o);
		assert_true(n > 0);
		assert_int_equal(oid_decode(&back, (struct oid_ber){ber, (size_t)n}), 0);
		assert_int_equal(compare(&o, &back), 0);
		assert_int_equal(oid_ber_check((struct oid_ber){ber, (size_t)n}), 0);
	}
	struct oid dotted = from(".1.3.6"), plain = from("1.3.6");
	assert_int_equal(compare(&dotted, &plain), 0);
	char small[6];
	assert_int_equal(oid_to_text(small, sizeof small, &plain), 5);
	assert_int_equal(oid_to_text(small, 5, &plain), 3);
	assert_string_equal(small, "1.3");
	assert_int_equal(oid_to_text(small, 0, &plain), 0);
}

static void test_malformed_texts_are_refused(void **state)
{
	(void)state;
	struct oid o;
	static const char *const bad[] = {
		"", ".", "1.", "1..2", "..1", "1.a", "a", "1.-2", " 1.3", "1.3 ", "1,3"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(oid_from_text(&o, bad[i]), ERR_FORMAT);
	assert_int_equal(oid_from_text(&o, "1.4294967296"), ERR_RANGE);
	assert_int_equal(oid_from_text(&o, "1.99999999999999999999999"), ERR_RANGE);
	char text[3 * LIMIT_OID_SUBIDS] = "1";
	for (int i = 1; i < LIMIT_OID_SUBIDS; i++)
		strcat(text, ".1");
	assert_int_equal(oid_from_text(&o, text), 0);
	assert_int_equal(o.len, LIMIT_OID_SUBIDS);
	strcat(text, ".1");
	assert_int_equal(oid_from_text(&o, text), ERR_LIMIT);
}

static void test_unencodable_oids_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"1", "3.1", "0.40", "1.40", "2.4294967216"};
	uint8_t ber[LIMIT_OID_BER];
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct oid o = from(bad[i]);
		assert_int_equal(oid_encode(ber, sizeof ber, &o), ERR_RANGE);
	}
	struct oid o = from("1.3.6.1.4294967295");
	assert_int_equal(oid_encode(ber, 8, &o), 8);
	for (size_t cap = 0; cap < 8; cap++)
		assert_int_equal(oid_encode(ber, cap, &o), ERR_FULL);
}

static void test_malformed_encodings_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int err;
	} rows[] = {
		{"", 0, ERR_FORMAT},
		{"\x2b\x86", 2, ERR_FORMAT},                    /* cut in a sub-identifier */
		{"\x2b\x80\x01", 3, ERR_FORMAT},                /* padded */
		{"\x80\x2b", 2, ERR_FORMAT},                    /* padded at the start */
		{"\x2b\x90\x80\x80\x80\x00", 6, ERR_RANGE},     /* 2^32 */
		{"\x2b\xff\xff\xff\xff\xff\x7f", 7, ERR_RANGE}, /* far over */
		{"\x2b\x8f\xff\xff\xff\x7f", 6, 0},             /* 2^32 - 1 */
		{"\x2b", 1, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct oid o;
		struct oid_ber ber = {(const uint8_t *)rows[i].bytes, rows[i].len};
		assert_int_equal(oid_decode(&o, ber), rows[i].err);
		assert_int_equal(oid_ber_check(ber), rows[i].err);
	}
	uint8_t many[LIMIT_OID_SUBIDS];
	struct oid o;
	memset(many, 1, sizeof many);
	struct oid_ber most = {many, LIMIT_OID_SUBIDS - 1}, over = {many, LIMIT_OID_SUBIDS};
	assert_int_equal(oid_decode(&o, most), 0);
	assert_int_equal(o.len, LIMIT_OID_SUBIDS);
	assert_int_equal(oid_ber_check(most), 0);
	assert_int_equal(oid_decode(&o, over), ERR_LIMIT);
	assert_int_equal(oid_ber_check(over), ERR_LIMIT);
}

/* The check of eight bytes at a time accepts the same as decoding: whatever stands at whichever
 * place, and not a byte behind the end is looked at. */
static void test_check_agrees_with_decode(void **state)
{
	(void)state;
	static const uint8_t values[] = {0, 1, 0x2b, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0xff};
	unsigned seed = 4711, good = 0;
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = (size_t)rand_r(&seed) % 140;
		uint8_t *bytes = malloc(len > 0 ? len : 1);
		assert_non_null(bytes);
		memset(bytes, 1, len);
		for (int odd = rand_r(&seed) % 4; odd > 0 && len > 0; odd--)
			bytes[(size_t)rand_r(&seed) % len] =
				values[(size_t)rand_r(&seed) % sizeof values];
		struct oid o;
		struct oid_ber ber = {bytes, len};
		bool is_good = oid_decode(&o, ber) == 0;
		assert_int_equal(oid_ber_check(ber) == 0, is_good);
		good += is_good;
		free(bytes);
	}
	assert_in_range(good, 5000, 19000);
}

/* Random OIDs that share long prefixes and sit at the borders of encoded widths. */
static void random_oid(struct oid *o, unsigned *seed)
{
	static const uint32_t edges[] = {0, 1, 127, 128, 129, 16383, 16384, 16385, 2097151, 2097152,
		268435455, 268435456, 4294967295u};
	o->len = (uint16_t)(2 + rand_r(seed) % 6);
	o->sub[0] = (uint32_t)(rand_r(seed) % 3);
	o->sub[1] = (uint32_t)(rand_r(seed) % (o->sub[0] == 2 ? 200 : 40));
	for (size_t i = 2; i < o->len; i++) {
		int pick = rand_r(seed) % 4;
		o->sub[i] = pick == 0 ? (uint32_t)rand_r(seed) * 2u : edges[rand_r(seed) % 13];
	}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_encoded_order_is_decoded_order(void **state)
{
	(void)state;
	unsigned seed = 1;
	unsigned long rounds = test_count("OID_PAIRS"), equal = 0;
	for (unsigned long round = 0; round < rounds; round++) {
		struct oid a, b;
		uint8_t pa[64], pb[64];
		random_oid(&a, &seed);
		if (rand_r(&seed) % 2 == 0) {
			b = a;
			b.len = (uint16_t)(2 + (unsigned)rand_r(&seed) % (a.len - 1u));
			if (rand_r(&seed) % 2 == 0 && b.len > 2)
				b.sub[b.len - 1] ^= 1u << rand_r(&seed) % 32;
		} else {
			random_oid(&b, &seed);
		}
		int na = oid_encode(pa, sizeof pa, &a), nb = oid_encode(pb, sizeof pb, &b);
		assert_true(na > 0 && nb > 0);
		struct oid_ber ba = {pa, (size_t)na}, bb = {pb, (size_t)nb};
		int want = compare(&a, &b);
		assert_int_equal(sign(oid_ber_compare(ba, bb)), want);
		assert_int_equal(sign(oid_ber_compare(bb, ba)), -want);
		assert_int_equal(oid_ber_is_equal(ba, bb), want == 0);
		assert_int_equal(oid_ber_has_prefix(ba, bb), oid_has_prefix(&a, &b));
		equal += want == 0;
	}
	assert_true(equal > 0 && equal < rounds);
}

static void test_prefixes_and_tails(void **state)
{
	(void)state;
	uint8_t whole[32], prefix[32];
	struct oid o = from("1.3.6.1.2.1.43.11.1.1.9.1.4294967295"),
		   p = from("1.3.6.1.2.1.43.11.1.1.9");
	int n = oid_encode(whole, sizeof whole, &o), k = oid_encode(prefix, sizeof prefix, &p);
	struct oid_ber w = {whole, (size_t)n}, empty = {NULL, 0};
	assert_true(oid_ber_has_prefix(w, (struct oid_ber){prefix, (size_t)k}));
	assert_false(oid_ber_has_prefix((struct oid_ber){prefix, (size_t)k}, w));
	assert_true(oid_ber_has_prefix(w, empty));
	assert_true(oid_ber_is_equal(empty, empty));
	uint32_t sub[2];
	assert_int_equal(oid_ber_tail(sub, 2, whole + k, (size_t)(n - k)), 2);
	assert_int_equal(sub[0], 1);
	assert_true(sub[1] == 4294967295u);
	assert_int_equal(oid_ber_tail(sub, 1, whole + k, (size_t)(n - k)), ERR_LIMIT);
	assert_int_equal(oid_ber_tail(sub, 2, whole + k, (size_t)(n - k) - 1), ERR_FORMAT);
	assert_int_equal(oid_ber_tail(sub, 2, whole, 0), 0);
}

static void test_width_of_a_sub_identifier(void **state)
{
	(void)state;
	static const struct {
		uint32_t sub;
		size_t width;
	} rows[] = {{0, 1}, {127, 1}, {128, 2}, {16383, 2}, {16384, 3}, {2097151, 3}, {2097152, 4},
		{268435455, 4}, {268435456, 5}, {4294967295u, 5}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t bytes[5];
		uint32_t back = 0;
		assert_int_equal(oid_put_sub(bytes, rows[i].sub), rows[i].width);
		assert_int_equal(oid_ber_tail(&back, 1, bytes, rows[i].width), 1);
		assert_true(back == rows[i].sub);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_round_trips),
		cmocka_unit_test(test_malformed_texts_are_refused),
		cmocka_unit_test(test_unencodable_oids_are_refused),
		cmocka_unit_test(test_malformed_encodings_are_refused),
		cmocka_unit_test(test_check_agrees_with_decode),
		cmocka_unit_test(test_encoded_order_is_decoded_order),
		cmocka_unit_test(test_prefixes_and_tails),
		cmocka_unit_test(test_width_of_a_sub_identifier),
	};
	return cmocka_run_group_tests_name("proto/smi/oid", tests, NULL, NULL);
}

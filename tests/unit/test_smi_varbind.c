/* SPDX-License-Identifier: Apache-2.0
 * Values of varbinds: every type at the borders of its width, what real agents send beside the
 * standard, and invalid encodings. */
#include "proto/smi/varbind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct varbind value(uint8_t type, const char *bytes, size_t len)
{
	return (struct varbind){.type = type, .value = (const uint8_t *)bytes, .len = len};
}

static void test_integers(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		int64_t want;
	} rows[] = {{"\x00", 1, 0}, {"\x7f", 1, 127}, {"\x80", 1, -128}, {"\xff", 1, -1},
		{"\xfd", 1, -3}, {"\x00\x80", 2, 128}, {"\xff\xff\xff\xfe", 4, -2},
		{"\x7f\xff\xff\xff", 4, 2147483647}, {"\x80\x00\x00\x00", 4, -2147483648ll},
		{"\x00\xff\xff\xff\xff", 5, 4294967295ll},
		{"\x80\x00\x00\x00\x00\x00\x00\x00", 8, INT64_MIN}};
	int64_t v;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct varbind vb = value(BER_INTEGER, rows[i].bytes, rows[i].len);
		assert_int_equal(varbind_integer(&vb, &v), 0);
		assert_true(v == rows[i].want);
	}
	struct varbind empty = value(BER_INTEGER, "", 0), wide = value(BER_INTEGER, "123456789", 9);
	struct varbind other = value(BER_COUNTER32, "\x01", 1);
	assert_int_equal(varbind_integer(&empty, &v), ERR_RANGE);
	assert_int_equal(varbind_integer(&wide, &v), ERR_RANGE);
	assert_int_equal(varbind_integer(&other, &v), ERR_TYPE);
}

static void test_unsigned_numbers(void **state)
{
	(void)state;
	static const struct {
		uint8_t type;
		const char *bytes;
		size_t len;
		int err;
		uint64_t want;
	} rows[] = {
		{BER_COUNTER32, "\x00", 1, 0, 0},
		{BER_GAUGE32, "\x7f", 1, 0, 127},
		{BER_TIMETICKS, "\x00\x80", 2, 0, 128},
		{BER_COUNTER32, "\x00\xff\xff\xff\xff", 5, 0, 4294967295u},
		/* Without the leading zero, as some agents send it. */
		{BER_COUNTER32, "\xff\xff\xff\xff", 4, 0, 4294967295u},
		{BER_COUNTER64, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 0, UINT64_MAX},
		{BER_COUNTER64, "\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0, UINT64_MAX},
		{BER_INTEGER, "\x05", 1, 0, 5},
		/* Negative, or wider than the type. */
		{BER_INTEGER, "\xff", 1, ERR_RANGE, 0},
		{BER_INTEGER, "", 0, ERR_RANGE, 0},
		{BER_COUNTER32, "\xff", 1, ERR_RANGE, 0},
		{BER_COUNTER32, "\x80\x00\x00", 3, ERR_RANGE, 0},
		{BER_COUNTER32, "\x01\x00\x00\x00\x00", 5, ERR_RANGE, 0},
		{BER_COUNTER32, "\x00\x00\x00\x00\x00\x01", 6, ERR_RANGE, 0},
		{BER_GAUGE32, "", 0, ERR_RANGE, 0},
		{BER_COUNTER64, "\x80\x00\x00\x00\x00", 5, ERR_RANGE, 0},
		{BER_COUNTER64, "\x01\x00\x00\x00\x00\x00\x00\x00\x00", 9, ERR_RANGE, 0},
		{BER_COUNTER64, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 10, ERR_RANGE, 0},
		{BER_OCTETS, "5", 1, ERR_TYPE, 0},
		{BER_NULL, "", 0, ERR_TYPE, 0},
		{BER_NO_SUCH_INSTANCE, "", 0, ERR_TYPE, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t v = 0;
		struct varbind vb = value(rows[i].type, rows[i].bytes, rows[i].len);
		assert_int_equal(varbind_unsigned(&vb, &v), rows[i].err);
		assert_true(v == rows[i].want);
	}
}

static void test_texts_and_oids(void **state)
{
	(void)state;
	char text[16];
	struct varbind vb = value(BER_OCTETS, " Xerox\x00\xff ", 9);
	assert_int_equal(varbind_text(&vb, text, sizeof text), 5);
	assert_string_equal(text, "Xerox");
	vb = value(BER_OCTETS, "B\xfcro", 4);
	assert_int_equal(varbind_text(&vb, text, sizeof text), 6);
	assert_string_equal(text, "B\xef\xbf\xbdro");
	vb = value(BER_OCTETS, NULL, 0);
	assert_int_equal(varbind_text(&vb, text, sizeof text), 0);
	assert_string_equal(text, "");
	vb.type = BER_OPAQUE;
	assert_int_equal(varbind_text(&vb, text, sizeof text), ERR_TYPE);

	struct oid_ber o;
	vb = value(BER_OID, "\x2b\x06\x01", 3);
	assert_int_equal(varbind_oid(&vb, &o), 0);
	assert_int_equal(o.len, 3);
	vb = value(BER_OID, "\x2b\x86", 2);
	assert_int_equal(varbind_oid(&vb, &o), ERR_FORMAT);
	vb = value(BER_OID, "", 0);
	assert_int_equal(varbind_oid(&vb, &o), ERR_FORMAT);
	vb = value(BER_OCTETS, "\x2b\x06", 2);
	assert_int_equal(varbind_oid(&vb, &o), ERR_TYPE);
}

static void test_exceptions_have_no_value(void **state)
{
	(void)state;
	static const uint8_t none[] = {
		BER_NULL, BER_NO_SUCH_OBJECT, BER_NO_SUCH_INSTANCE, BER_END_OF_MIB_VIEW};
	static const uint8_t some[] = {
		BER_INTEGER, BER_OCTETS, BER_OID, BER_COUNTER32, BER_TIMETICKS, BER_COUNTER64};
	for (size_t i = 0; i < sizeof none; i++) {
		struct varbind vb = value(none[i], "", 0);
		assert_false(varbind_has_value(&vb));
	}
	for (size_t i = 0; i < sizeof some; i++) {
		struct varbind vb = value(some[i], "\x01", 1);
		assert_true(varbind_has_value(&vb));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_unsigned_numbers),
		cmocka_unit_test(test_texts_and_oids),
		cmocka_unit_test(test_exceptions_have_no_value),
	};
	return cmocka_run_group_tests_name("proto/smi/varbind", tests, NULL, NULL);
}

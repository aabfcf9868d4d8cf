/* SPDX-License-Identifier: Apache-2.0
 * Recordings that platen writes: every type round-trips, and personal data does not. */
#include "proto/recording/recording_write.h"

#include "proto/recording/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct row {
	uint8_t name[LIMIT_OID_BER];
	struct varbind vb;
};

static void make(
	struct row *row, const char *dotted, enum ber_type type, const void *value, size_t len)
{
	struct oid oid;
	assert_int_equal(oid_from_text(&oid, dotted), 0);
	int n = oid_encode(row->name, sizeof row->name, &oid);
	assert_true(n > 0);
	row->vb = (struct varbind){{row->name, (size_t)n}, (uint8_t)type, value, len};
}

static void assert_line(const char *dotted, enum ber_type type, const void *value, size_t len,
	const char *serial, const char *expected)
{
	struct row row;
	char text[1024];
	struct buf line;
	buf_over(&line, text, sizeof text - 1);
	make(&row, dotted, type, value, len);
	assert_int_equal(recording_write(&line, &row.vb, text_of(serial)), 0);
	text[line.len] = '\0';
	assert_string_equal(text, expected);
}

static void test_tag_of_each_type(void **state)
{
	(void)state;
	assert_line("1.3.6.1.2.1.2.2.1.3.1", BER_INTEGER, "\xff\xfd", 2, "",
		"1.3.6.1.2.1.2.2.1.3.1|2|-3\n");
	assert_line("1.3.6.1.2.1.1.1.0", BER_OCTETS, "a|b", 3, "", "1.3.6.1.2.1.1.1.0|4|a|b\n");
	assert_line(
		"1.3.6.1.2.1.1.1.0", BER_OCTETS, "a\nb", 3, "", "1.3.6.1.2.1.1.1.0|4x|610a62\n");
	assert_line("1.3.6.1.2.1.1.1.0", BER_OCTETS, " a", 2, "", "1.3.6.1.2.1.1.1.0|4x|2061\n");
	assert_line("1.3.6.1.2.1.1.1.0", BER_OCTETS, "", 0, "", "1.3.6.1.2.1.1.1.0|4|\n");
	assert_line("1.3.6.1.2.1.1.2.0", BER_OID, "\x2b\x06\x01", 3, "",
		"1.3.6.1.2.1.1.2.0|6|1.3.6.1\n");
	assert_line("1.3.6.1.2.1.4.20.1.1.1", BER_IPADDRESS, "\x0a\x01\x04\x16", 4, "",
		"1.3.6.1.2.1.4.20.1.1.1|64|10.1.4.22\n");
	assert_line("1.3.6.1.2.1.1.3.0", BER_TIMETICKS, "\x12\x67", 2, "",
		"1.3.6.1.2.1.1.3.0|67|4711\n");
	assert_line("1.3.6.1.2.1.1.3.0", BER_COUNTER64, "\x01\x00\x00\x00\x00", 5, "",
		"1.3.6.1.2.1.1.3.0|70|4294967296\n");
	assert_line("1.3.6.1.2.1.1.3.0", BER_COUNTER32, "\x07", 1, "", "1.3.6.1.2.1.1.3.0|65|7\n");
	assert_line("1.3.6.1.2.1.1.3.0", BER_GAUGE32, "\x07", 1, "", "1.3.6.1.2.1.1.3.0|66|7\n");
	/* Values that the format does not have are left out. */
	assert_line("1.3.6.1.2.1.1.3.0", BER_OPAQUE, "\x07", 1, "", "");
	assert_line("1.3.6.1.2.1.1.3.0", BER_IPADDRESS, "\x07", 1, "", "");
	assert_line("1.3.6.1.2.1.1.3.0", BER_INTEGER, "", 0, "", "");
}

static void test_personal_data_is_masked(void **state)
{
	(void)state;
	assert_line("1.3.6.1.2.1.1.4.0", BER_OCTETS, "Jane Roe, 4711", 14, "",
		"1.3.6.1.2.1.1.4.0|4|xxxx xxx, 0000\n");
	assert_line("1.3.6.1.2.1.43.5.1.1.16.1", BER_OCTETS, "R\xc3\xbc", 3, "",
		"1.3.6.1.2.1.43.5.1.1.16.1|4|xxx\n");
	assert_line("1.3.6.1.2.1.43.16.5.1.2.1.1", BER_OCTETS, "to a.b-c@d.org now", 18, "",
		"1.3.6.1.2.1.43.16.5.1.2.1.1|4|to x.x-x@x.xxx now\n");
	assert_line("1.3.6.1.2.1.43.16.5.1.2.1.1", BER_OCTETS, "@", 1, "",
		"1.3.6.1.2.1.43.16.5.1.2.1.1|4|@\n");
	/* Every occurrence of the serial, if it is long enough not to match by accident. */
	assert_line("1.3.6.1.2.1.43.5.1.1.17.1", BER_OCTETS, "3WX100", 6, "3WX100",
		"1.3.6.1.2.1.43.5.1.1.17.1|4|0xx000\n");
	assert_line("1.3.6.1.2.1.1.1.0", BER_OCTETS, "v2 3WX100", 9, "3WX100",
		"1.3.6.1.2.1.1.1.0|4|v2 0xx000\n");
	assert_line(
		"1.3.6.1.2.1.1.1.0", BER_OCTETS, "v2 3W", 5, "3W", "1.3.6.1.2.1.1.1.0|4|v2 3W\n");
}

static void test_full_buffer_is_reported(void **state)
{
	(void)state;
	struct row row;
	char text[24];
	struct buf line;
	buf_over(&line, text, sizeof text);
	make(&row, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "Acme Laser", 10);
	assert_int_equal(recording_write(&line, &row.vb, text_of("")), ERR_FULL);
	assert_int_equal(line.len, 0);
}

static void test_written_recording_parses(void **state)
{
	(void)state;
	uint8_t bytes[512];
	struct buf file;
	struct row row;
	struct recording w = {0};
	char why[LIMIT_WHY] = "";
	buf_over(&file, bytes, sizeof bytes);
	make(&row, "1.3.6.1.2.1.1.1.0", BER_OCTETS, "\x00\xff|\n", 4);
	assert_int_equal(recording_write(&file, &row.vb, text_of("")), 0);
	make(&row, "1.3.6.1.2.1.43.11.1.1.9.1.1", BER_INTEGER, "\xfe", 1);
	assert_int_equal(recording_write(&file, &row.vb, text_of("")), 0);
	assert_int_equal(recording_parse(&w, RECORDING_SNMPREC, RECORDING_KEEP_FIRST, file.data,
				 file.len, why),
		0);
	assert_int_equal(w.count, 2);
	assert_int_equal(w.rows[0].len, 4);
	assert_memory_equal(w.rows[0].value, "\x00\xff|\n", 4);
	int64_t level;
	assert_int_equal(varbind_integer(&w.rows[1], &level), 0);
	assert_int_equal(level, -2);
	recording_close(&w);
}

static void test_subtrees_ascend_without_private_data(void **state)
{
	(void)state;
	static const char *const never[] = {"1.3.6.1.4.1.253.8.51.5.1", "1.3.6.1.4.1.253.8.51.17.1",
		"1.3.6.1.4.1.253.8.51.18.1", "1.3.6.1.4.1.253.8.57.1", "1.3.6.1.4.1.253.8.59.1",
		"1.3.6.1.4.1.253.8.64.1", "1.3.6.1.4.1.253.8.74.1", "1.3.6.1.2.1.25.4.2.1.2.1"};
	struct oid before = {.len = 0}, at, secret;
	size_t n = 0;
	for (; recording_subtree(n) != NULL; n++) {
		assert_int_equal(oid_from_text(&at, recording_subtree(n)), 0);
		uint8_t before_ber[LIMIT_OID_BER], at_ber[LIMIT_OID_BER];
		int before_len = oid_encode(before_ber, sizeof before_ber, &before);
		int at_len = oid_encode(at_ber, sizeof at_ber, &at);
		assert_true(at_len > 0 && (n == 0 || before_len > 0));
		assert_true(
			n == 0 || oid_ber_compare((struct oid_ber){before_ber, (size_t)before_len},
					  (struct oid_ber){at_ber, (size_t)at_len}) < 0);
		assert_false(n > 0 && oid_has_prefix(&at, &before));
		for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
			assert_int_equal(oid_from_text(&secret, never[i]), 0);
			assert_false(oid_has_prefix(&secret, &at));
		}
		before = at;
	}
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tag_of_each_type),
		cmocka_unit_test(test_personal_data_is_masked),
		cmocka_unit_test(test_full_buffer_is_reported),
		cmocka_unit_test(test_written_recording_parses),
		cmocka_unit_test(test_subtrees_ascend_without_private_data),
	};
	return cmocka_run_group_tests_name("proto/recording/recording_write", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0
 * The IPP encoding: the request against RFC 8010 by hand, responses of every kind, and malformed
 * ones: truncated at every byte, with every byte changed, and one over each limit. */
#include "tests/kit/ipp_message.h"

#include <stdlib.h>

static struct ipp_message m;

/* Reads all values, their number into *values. Returns the result of the last call. */
static int read_all(const uint8_t *p, size_t n, unsigned *values, size_t *error_at)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	*values = 0;
	*error_at = 0;
	int err = ipp_open(&r, &head, p, n);
	if (err == 0) {
		while ((err = ipp_next(&r, &item)) == 1) {
			(*values)++;
			assert_true(item.at < n);
			assert_true(item.value.len <= n);
		}
	}
	if (err < 0) {
		assert_non_null(r.why);
		assert_true(r.error_at <= n);
		assert_int_equal(ipp_next(&r, &item), err); /* and again */
	}
	*error_at = r.error_at;
	return err;
}

static void expect_error(int err, size_t at)
{
	unsigned values;
	size_t error_at;
	assert_int_equal(read_all(m.bytes, m.n, &values, &error_at), err);
	assert_int_equal(error_at, at);
}

static void test_request_bytes_are_rfc_8010(void **state)
{
	static const char *const names[] = {"printer-state", "printer-alert"};
	static const char wanted[] = "\x01\x01\x00\x0b\x00\x00\x00\x2a\x01"
				     "\x47\x00\x12"
				     "attributes-charset"
				     "\x00\x05"
				     "utf-8"
				     "\x48\x00\x1b"
				     "attributes-natural-language"
				     "\x00\x02"
				     "en"
				     "\x45\x00\x0b"
				     "printer-uri"
				     "\x00\x15"
				     "ipp://[::1]/ipp/print"
				     "\x44\x00\x14"
				     "requested-attributes"
				     "\x00\x0d"
				     "printer-state"
				     "\x44\x00\x00\x00\x0d"
				     "printer-alert"
				     "\x03";
	struct ipp_request q = {1, 1, 42, "ipp://[::1]/ipp/print", names, 2};
	uint8_t mem[512];
	struct buf b;
	(void)state;
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(ipp_put_request(&b, &q), 0);
	assert_int_equal(b.len, sizeof wanted - 1);
	assert_memory_equal(mem, wanted, sizeof wanted - 1);
	/* With every buffer that is too small, dst does not change. */
	for (size_t cap = 0; cap < sizeof wanted - 1; cap++) {
		buf_over(&b, mem, cap);
		b.len = cap > 3 ? 3 : 0;
		size_t before = b.len;
		assert_int_equal(ipp_put_request(&b, &q), ERR_FULL);
		assert_int_equal(b.len, before);
	}
	buf_over(&b, mem, sizeof mem);
	q.major = 2;
	assert_int_equal(ipp_put_request(&b, &q), ERR_VERSION); /* 2.1 */
	q.minor = 0;
	assert_int_equal(ipp_put_request(&b, &q), 0);
	assert_int_equal(mem[0], 2);
	assert_int_equal(mem[1], 0);
}

static void test_request_refuses_long_names(void **state)
{
	char name[300], uri[1100];
	const char *names[] = {name};
	struct ipp_request q = {2, 0, 1, "ipp://a/", names, 1};
	uint8_t mem[4096];
	struct buf b;
	(void)state;
	buf_over(&b, mem, sizeof mem);
	memset(name, 'a', sizeof name);
	memset(uri, 'u', sizeof uri);
	name[255] = '\0';
	uri[1023] = '\0';
	q.uri = uri;
	assert_int_equal(ipp_put_request(&b, &q), 0);
	name[255] = 'a';
	name[256] = '\0';
	assert_int_equal(ipp_put_request(&b, &q), ERR_LIMIT);
	name[1] = '\0';
	uri[1023] = 'u';
	uri[1024] = '\0';
	assert_int_equal(ipp_put_request(&b, &q), ERR_LIMIT);
}

static void test_values_have_their_names(void **state)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	int32_t v;
	struct text t;
	(void)state;
	message_response(&m, 1);
	message_text(&m, IPP_KEYWORD, "printer-state-reasons", "media-low");
	message_text(&m, IPP_KEYWORD, "", "door-open");
	message_int(&m, IPP_ENUM, "printer-state", -5);
	message_u8(&m, 0x09); /* a group of another kind */
	message_text(&m, IPP_TEXT, "x", "");
	message_end(&m);
	message_bytes(&m, "\x07 document data", 15); /* none of ours */
	assert_int_equal(ipp_open(&r, &head, m.bytes, m.n), 0);
	assert_int_equal(head.major, 2);
	assert_int_equal(head.minor, 0);
	assert_int_equal(head.status, 1);
	assert_int_equal(head.request_id, 7);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(item.group, IPP_GROUP_OPERATION);
	assert_true(text_is(item.name, "attributes-charset"));
	assert_int_equal(item.at, 9);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(item.group, IPP_GROUP_PRINTER);
	assert_int_equal(item.nth, 0);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(item.nth, 1);
	assert_true(text_is(item.name, "printer-state-reasons"));
	assert_int_equal(ipp_text(&item.value, &t), 0);
	assert_true(text_is(t, "door-open"));
	assert_int_equal(ipp_integer(&item.value, &v), ERR_TYPE);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(item.nth, 0);
	assert_int_equal(ipp_integer(&item.value, &v), 0);
	assert_int_equal(v, -5);
	assert_int_equal(ipp_text(&item.value, &t), ERR_TYPE);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(item.group, 0x09);
	assert_int_equal(item.value.len, 0);
	assert_int_equal(ipp_next(&r, &item), 0);
	assert_int_equal(ipp_next(&r, &item), 0);
}

static void test_collections_are_followed(void **state)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	(void)state;
	message_response(&m, 0);
	message_raw(&m, IPP_BEGIN_COLLECTION, "media-col", "", 0);
	message_text(&m, IPP_MEMBER_NAME, "", "media-size");
	message_raw(&m, IPP_BEGIN_COLLECTION, "", "", 0);
	message_text(&m, IPP_MEMBER_NAME, "", "x-dimension");
	message_int(&m, IPP_INTEGER, "", 21000);
	message_raw(&m, IPP_END_COLLECTION, "", "", 0);
	message_int(&m, IPP_INTEGER, "", 5); /* a second value of media-size */
	message_raw(&m, IPP_END_COLLECTION, "", "", 0);
	message_raw(&m, IPP_BEGIN_COLLECTION, "", "", 0); /* a second collection */
	message_raw(&m, IPP_END_COLLECTION, "", "", 0);
	message_int(&m, IPP_INTEGER, "next", 1);
	message_end(&m);
	static const struct {
		uint8_t tag, depth;
		uint16_t nth;
		const char *name, *member;
	} wanted[] = {{IPP_BEGIN_COLLECTION, 0, 0, "media-col", ""},
		{IPP_BEGIN_COLLECTION, 1, 0, "media-col", "media-size"},
		{IPP_INTEGER, 2, 0, "media-col", "x-dimension"},
		{IPP_INTEGER, 1, 0, "media-col", "media-size"},
		{IPP_BEGIN_COLLECTION, 0, 1, "media-col", ""}, {IPP_INTEGER, 0, 0, "next", ""}};
	assert_int_equal(ipp_open(&r, &head, m.bytes, m.n), 0);
	assert_int_equal(ipp_next(&r, &item), 1);
	assert_int_equal(ipp_next(&r, &item), 1);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		assert_int_equal(ipp_next(&r, &item), 1);
		assert_int_equal(item.value.tag, wanted[i].tag);
		assert_int_equal(item.depth, wanted[i].depth);
		assert_int_equal(item.nth, wanted[i].nth);
		assert_true(text_is(item.name, wanted[i].name));
		assert_true(text_is(item.member, wanted[i].member));
	}
	assert_int_equal(ipp_next(&r, &item), 0);
}

static void test_text_with_language(void **state)
{
	struct ipp_value v = {IPP_TEXT_WITH_LANGUAGE, (const uint8_t *)"\0\2en\0\3abc", 9};
	struct text t;
	int32_t n;
	(void)state;
	assert_int_equal(ipp_text(&v, &t), 0);
	assert_true(t.len == 3 && memcmp(t.p, "abc", 3) == 0);
	for (v.len = 0; v.len < 9; v.len++)
		assert_int_equal(ipp_text(&v, &t), ERR_FORMAT);
	v = (struct ipp_value){IPP_NAME_WITH_LANGUAGE, (const uint8_t *)"\0\2en\0\3abcd", 10};
	assert_int_equal(ipp_text(&v, &t), ERR_FORMAT);
	v = (struct ipp_value){IPP_NAME_WITH_LANGUAGE, (const uint8_t *)"\0\0\0\0", 4};
	assert_int_equal(ipp_text(&v, &t), 0);
	assert_int_equal(t.len, 0);
	v = (struct ipp_value){IPP_OCTETS, (const uint8_t *)"xy", 2};
	assert_int_equal(ipp_text(&v, &t), 0);
	assert_int_equal(t.len, 2);
	v.tag = 0x60;
	assert_int_equal(ipp_text(&v, &t), ERR_TYPE);
	v = (struct ipp_value){IPP_INTEGER, (const uint8_t *)"\0\0\1\0\0", 5};
	assert_int_equal(ipp_integer(&v, &n), ERR_FORMAT);
	v.len = 3;
	assert_int_equal(ipp_integer(&v, &n), ERR_FORMAT);
	v.len = 4;
	assert_int_equal(ipp_integer(&v, &n), 0);
	assert_int_equal(n, 256);
}

static void test_malformed_response_names_error(void **state)
{
	(void)state;
	message_response(&m, 0);
	m.bytes[0] = 3;
	expect_error(ERR_VERSION, 0);
	m.bytes[0] = 0;
	expect_error(ERR_VERSION, 0);
	message_response(&m, 0);
	m.n = 8;
	expect_error(ERR_SHORT, 8);
	message_text(&m, IPP_TEXT, "a", "b");
	expect_error(ERR_FORMAT, 8); /* an attribute before a group */

	message_response(&m, 0);
	size_t at = m.n;
	message_text(&m, IPP_TEXT, "", "no attribute before it");
	expect_error(ERR_FORMAT, at);
	message_response(&m, 0);
	message_raw(&m, IPP_END_COLLECTION, "a", "", 0);
	expect_error(ERR_FORMAT, at);
	message_response(&m, 0);
	message_text(&m, IPP_MEMBER_NAME, "a", "b");
	expect_error(ERR_FORMAT, at);
	message_response(&m, 0);
	message_u8(&m, 0);
	expect_error(ERR_FORMAT, at);

	message_response(&m, 0);
	message_raw(&m, IPP_BEGIN_COLLECTION, "a", "", 0);
	at = m.n;
	message_int(&m, IPP_INTEGER, "", 1); /* no member name */
	expect_error(ERR_FORMAT, at);
	m.n = at;
	message_int(&m, IPP_INTEGER, "b", 1); /* an attribute inside */
	expect_error(ERR_FORMAT, at);
	m.n = at;
	message_text(&m, IPP_MEMBER_NAME, "", "");
	expect_error(ERR_FORMAT, at);
	m.n = at;
	message_end(&m);
	expect_error(ERR_FORMAT, at);
}

/* The next error, behind which the attribute `name` follows; its reason. */
static const char *recover(struct ipp_reader *r, const char *damaged, const char *name)
{
	struct ipp_item item;
	struct ipp_damage damage;
	int n;
	while ((n = ipp_next(r, &item)) == 1)
		;
	assert_true(n < 0);
	assert_int_equal(ipp_recover(r, &damage), 1);
	assert_true(text_is(damage.name, damaged));
	assert_int_equal(damage.group, IPP_GROUP_PRINTER);
	assert_int_equal(ipp_next(r, &item), 1);
	assert_true(text_is(item.name, name));
	assert_int_equal(item.group, IPP_GROUP_PRINTER);
	assert_int_equal(item.depth, 0);
	return damage.why;
}

static void test_reader_recovers_behind_attribute(void **state)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	(void)state;
	message_response(&m, 0);
	message_raw(&m, IPP_BEGIN_COLLECTION, "open-col", "", 0);
	message_text(&m, IPP_MEMBER_NAME, "", "open");
	message_int(&m, IPP_INTEGER, "behind-open", 1);
	message_text(&m, IPP_MEMBER_NAME, "stray-member", ""); /* its name in the wrong field */
	message_text(&m, IPP_KEYWORD, "", "white");
	message_int(&m, IPP_INTEGER, "behind-stray", 2);
	message_text(&m, IPP_TEXT, "too-long", "text");
	m.bytes[m.n - 5] += 3; /* over the tag and the length of the next one */
	message_int(&m, IPP_INTEGER, "behind-long", 3);
	message_text(&m, IPP_TEXT, "too-short", "Series II");
	m.bytes[m.n - 10] -= 6;
	message_int(&m, IPP_INTEGER, "behind-short", 4);
	size_t tag = m.n;
	message_text(&m, IPP_TEXT, "no-tag", "text");
	m.bytes[tag] = IPP_END;
	message_int(&m, IPP_INTEGER, "behind-tag", 5);
	message_end(&m);
	assert_int_equal(ipp_open(&r, &head, m.bytes, m.n), 0);
	assert_string_equal(
		recover(&r, "open-col", "behind-open"), "an attribute inside a collection");
	assert_string_equal(
		recover(&r, "stray-member", "behind-stray"), "a member outside of a collection");
	(void)recover(&r, "too-long", "behind-long");
	assert_string_equal(
		recover(&r, "too-short", "behind-short"), "a length that reaches over the end");
	assert_string_equal(recover(&r, "no-tag", "behind-tag"),
		"the end of the attributes before the last one");
	assert_int_equal(ipp_next(&r, &item), 0);
}

/* Nothing is made up where a message ends too early, or has more than it may. */
static void test_reader_cannot_recover_what_is_not_there(void **state)
{
	struct ipp_reader r;
	struct ipp_head head;
	struct ipp_item item;
	struct ipp_damage damage;
	(void)state;
	message_response(&m, 0);
	message_text(&m, IPP_TEXT, "printer-info", "first floor");
	for (size_t cut = m.n; cut > m.n - 20; cut--) {
		assert_int_equal(ipp_open(&r, &head, m.bytes, cut), 0);
		while (ipp_next(&r, &item) == 1)
			;
		assert_int_equal(r.error, ERR_SHORT);
		assert_int_equal(ipp_recover(&r, &damage), 0);
		assert_int_equal(ipp_next(&r, &item), ERR_SHORT);
	}
}

static void test_limits_end_decoding(void **state)
{
	unsigned values;
	size_t error_at, at = 0;
	(void)state;
	/* Nested collections up to LIMIT_IPP_DEPTH. */
	message_response(&m, 0);
	for (unsigned d = 0; d <= LIMIT_IPP_DEPTH; d++) {
		if (d > 0)
			message_text(&m, IPP_MEMBER_NAME, "", "m");
		at = m.n;
		message_raw(&m, IPP_BEGIN_COLLECTION, d == 0 ? "c" : "", "", 0);
	}
	expect_error(ERR_LIMIT, at);

	message_response(&m, 0);
	for (unsigned i = 2; i < LIMIT_IPP_ATTRIBUTES; i++)
		message_raw(&m, IPP_NO_VALUE, "ab", "", 0);
	at = m.n;
	message_end(&m);
	assert_int_equal(read_all(m.bytes, m.n, &values, &error_at), 0);
	assert_int_equal(values, LIMIT_IPP_ATTRIBUTES);
	m.n = at;
	message_raw(&m, IPP_NO_VALUE, "ab", "", 0);
	expect_error(ERR_LIMIT, at);

	/* More bytes than a response may have, all of them values of one attribute. */
	size_t n = LIMIT_IPP_BYTES + 1;
	uint8_t *big = calloc(1, n);
	assert_non_null(big);
	message_response(&m, 0);
	message_raw(&m, IPP_NO_VALUE, "a", "", 0);
	memcpy(big, m.bytes, m.n);
	for (size_t i = m.n; i + 5 <= n; i += 5)
		big[i] = IPP_NO_VALUE;
	assert_int_equal(read_all(big, n, &values, &error_at), ERR_LIMIT);
	assert_int_equal(error_at, LIMIT_IPP_BYTES);
	assert_int_equal(read_all(big, n - 1, &values, &error_at), ERR_LIMIT);
	assert_int_equal(values, LIMIT_IPP_VALUES);
	free(big);
}

/* One value of each kind. */
static void make_mixed(void)
{
	message_response(&m, 0);
	message_english(&m, IPP_TEXT_WITH_LANGUAGE, "printer-make-and-model", "Made Model");
	message_int(&m, IPP_INTEGER, "printer-up-time", 12);
	message_raw(&m, IPP_BEGIN_COLLECTION, "col", "", 0);
	message_text(&m, IPP_MEMBER_NAME, "", "one");
	message_int(&m, IPP_INTEGER, "", 1);
	message_raw(&m, IPP_END_COLLECTION, "", "", 0);
	message_raw(&m, IPP_UNKNOWN, "printer-uuid", "", 0);
	message_end(&m);
}

static void test_truncation_at_any_byte_is_short(void **state)
{
	unsigned values;
	size_t error_at;
	(void)state;
	make_mixed();
	for (size_t n = 0; n < m.n; n++) {
		uint8_t *exact =
			malloc(n > 0 ? n : 1); /* so that reading one byte too far is detected */
		assert_non_null(exact);
		memcpy(exact, m.bytes, n);
		assert_int_equal(read_all(exact, n, &values, &error_at), ERR_SHORT);
		free(exact);
	}
	assert_int_equal(read_all(m.bytes, m.n, &values, &error_at), 0);
	assert_int_equal(values, 7);
}

static void test_any_byte_may_be_corrupt(void **state)
{
	unsigned values, refused = 0;
	size_t error_at;
	(void)state;
	make_mixed();
	uint8_t *copy = malloc(m.n);
	assert_non_null(copy);
	memcpy(copy, m.bytes, m.n);
	for (size_t i = 0; i < m.n; i++) {
		for (unsigned b = 0; b < 256; b++) {
			copy[i] = (uint8_t)b;
			int err = read_all(copy, m.n, &values, &error_at);
			assert_true(err == 0 || err == ERR_SHORT || err == ERR_FORMAT ||
				    err == ERR_LIMIT || err == ERR_VERSION);
			refused += err < 0 ? 1 : 0;
		}
		copy[i] = m.bytes[i];
	}
	assert_true(refused > 0);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_bytes_are_rfc_8010),
		cmocka_unit_test(test_request_refuses_long_names),
		cmocka_unit_test(test_values_have_their_names),
		cmocka_unit_test(test_collections_are_followed),
		cmocka_unit_test(test_text_with_language),
		cmocka_unit_test(test_malformed_response_names_error),
		cmocka_unit_test(test_reader_recovers_behind_attribute),
		cmocka_unit_test(test_reader_cannot_recover_what_is_not_there),
		cmocka_unit_test(test_limits_end_decoding),
		cmocka_unit_test(test_truncation_at_any_byte_is_short),
		cmocka_unit_test(test_any_byte_may_be_corrupt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

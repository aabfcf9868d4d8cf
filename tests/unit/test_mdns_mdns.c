/* SPDX-License-Identifier: Apache-2.0
 * The query for printers by multicast DNS, and the responses that are accepted. */
#include "proto/mdns/mdns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A query is as RFC 1035 section 4 writes it. */
static void test_question(void **state)
{
	(void)state;
	static const char wanted[] = "\x12\x34\0\0\0\2\0\0\0\0\0\0"
				     "\4_ipp\4_tcp\5local\0\0\x0c\0\1"
				     "\x0f_pdl-datastream\4_tcp\5local\0\0\x0c\0\1";
	uint8_t bytes[MDNS_QUERY_BYTES];
	assert_int_equal(mdns_query(bytes, sizeof bytes, 0x1234), sizeof wanted - 1);
	assert_memory_equal(bytes, wanted, sizeof wanted - 1);
	assert_int_equal(mdns_query(bytes, sizeof wanted - 2, 0x1234), ERR_FULL);
}

/* The query again, a pointer to its second name (at 33) as the name of the answer, data "x" +
 * pointer. */
#define HEAD(answers) "\x12\x34\x84\0\0\2\0" answers "\0\0\0\0"
#define ASKED                                                                                      \
	"\4_ipp\4_tcp\5local\0\0\x0c\0\1"                                                          \
	"\x0f_pdl-datastream\4_tcp\5local\0\0\x0c\0\1"
#define RAW_PTR "\xc0\x21\0\x0c\0\1\0\0\0\x0a\0\4\1x\xc0\x21"
#define IPP_PTR "\4_IPP\4_tcp\5local\0\0\x0c\x80\1\0\0\0\x0a\0\4\1y\xc0\x0c"
#define OTHER_A "\1h\5local\0\0\1\0\1\0\0\0\x0a\0\4\x7f\0\0\1"

static int answer(const char *bytes, size_t len)
{
	/* Of its own size, so that a byte too far is seen. */
	uint8_t *copy = malloc(len > 0 ? len : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, len);
	int got = mdns_answer(copy, len, 0x1234);
	free(copy);
	return got;
}

static void test_answers(void **state)
{
	(void)state;
	static const char one[] = HEAD("\1") ASKED RAW_PTR,
			  both[] = HEAD("\2") ASKED RAW_PTR IPP_PTR,
			  none[] = HEAD("\1") ASKED OTHER_A, empty[] = HEAD("\0") ASKED;
	assert_int_equal(answer(one, sizeof one - 1), MDNS_RAW);
	assert_int_equal(answer(both, sizeof both - 1), MDNS_RAW | MDNS_IPP);
	assert_int_equal(answer(none, sizeof none - 1), 0);
	assert_int_equal(answer(empty, sizeof empty - 1), 0);
	for (size_t cut = 0; cut < sizeof both - 1; cut++)
		assert_true(answer(both, cut) < 0);
}

static void test_no_answers(void **state)
{
	(void)state;
	char bytes[] = HEAD("\1") ASKED RAW_PTR;
	size_t len = sizeof bytes - 1;
	bytes[0] ^= 1; /* another id */
	assert_int_equal(answer(bytes, len), ERR_FORMAT);
	bytes[0] ^= 1;
	bytes[2] = 0; /* a query */
	assert_int_equal(answer(bytes, len), ERR_FORMAT);
	bytes[2] = (char)0x84;
	bytes[3] = 3; /* an error */
	assert_int_equal(answer(bytes, len), ERR_FORMAT);
	bytes[3] = 0;
	assert_int_equal(answer(bytes, len), MDNS_RAW);
	/* A name that points at itself, and one that points forward. */
	static const char self[] = HEAD("\1") ASKED "\xc0\x41\0\x0c\0\1\0\0\0\x0a\0\0";
	static const char forward[] = HEAD("\1") ASKED "\xc0\x50\0\x0c\0\1\0\0\0\x0a\0\0";
	assert_int_equal(answer(self, sizeof self - 1), ERR_FORMAT);
	assert_int_equal(answer(forward, sizeof forward - 1), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_question),
		cmocka_unit_test(test_answers), cmocka_unit_test(test_no_answers)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

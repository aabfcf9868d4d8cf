/* SPDX-License-Identifier: Apache-2.0
 * Time zone files of tzdata: the offsets are libc's; damaged files are refused. */
#include "proto/base/zone_internal.h"
#include "tests/kit/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { HALF_HOUR = 1800, YEAR = 31556952 };

/* libc's zone is one for the whole process: here only. */
static void use_libc(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

static int64_t libc_offset(int64_t at)
{
	time_t t = at;
	struct tm tm;
	assert_non_null(localtime_r(&t, &tm));
	return tm.tm_gmtoff;
}

static void compare(const struct zone *z, int64_t from, int64_t to, int64_t step)
{
	for (int64_t at = from; at < to; at += step) {
		if (zone_offset_s(z, at) != libc_offset(at))
			fail_msg("%s at %lld: %d, libc %lld", getenv("TZ"), (long long)at,
				zone_offset_s(z, at), (long long)libc_offset(at));
	}
}

static void test_offsets_are_those_of_libc(void **state)
{
	(void)state;
	static struct zone z;
	for (size_t i = 0; i < KIT_ZONES; i++) {
		kit_zone_load(&z, kit_zones[i]);
		kit_zone_use_libc(kit_zones[i]);
		compare(&z, 56 * (int64_t)YEAR, 67 * (int64_t)YEAR, HALF_HOUR);
		/* from the first transitions to long after the last one */
		compare(&z, -150 * (int64_t)YEAR, 500 * (int64_t)YEAR, 86400 * 13 + 1801);
	}
	assert_int_equal(zone_offset_s(NULL, 1795352800), 0);
}

static void test_rules_are_those_of_libc(void **state)
{
	(void)state;
	static const char *const rules[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3",
		"NZST-12NZDT,M9.5.0,M4.1.0/3", "<+0330>-3:30<+0430>,J79/24,J263/24",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "IST-1GMT0,M10.5.0,M3.5.0/1",
		"EST5EDT,59,300/2:30:15", "AAA-0:00:30BBB-2:10:11,M2.4.6/167,M11.1.3/-100",
		"ABC-24", "ABC+24", "EST5EDT,J60,J330/23:59:59", "EET-2EEST,M3.4.4/50,M10.4.4/50"};
	struct zone z = {0};
	/* No change within hours of the new year: libc takes the year from UTC. */
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		assert_int_equal(zone_rule_parse(&z.rule, rules[i], strlen(rules[i])), 0);
		use_libc(rules[i]);
		compare(&z, 50 * (int64_t)YEAR, 90 * (int64_t)YEAR, 3 * HALF_HOUR + 1);
	}
}

static void test_daylight_saving_all_year(void **state)
{
	(void)state;
	static const char text[] = "ABC3EDT4,0/0,J365/23"; /* RFC 8536, 3.3.1 */
	struct zone_rule rule;
	assert_int_equal(zone_rule_parse(&rule, text, strlen(text)), 0);
	for (int64_t at = 56 * (int64_t)YEAR; at < 60 * (int64_t)YEAR; at += 600)
		assert_int_equal(zone_rule_offset_s(&rule, at), -4 * 3600);
}

static void test_wrong_rules_are_refused(void **state)
{
	(void)state;
	static const char *const rules[] = {"C", "CET", "CE-1", "<CET-1", "CET-26", "CET-1:60",
		"CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J300", "CET-1CEST,J366,J300", "CET-1CEST,366,3",
		"CET-1CEST,M3.5.0/168,M10.5.0", "CET-99999999999", "CET-1:", " CET-1", "CET-1\nX",
		"CET-1CEST,M3.0.0,M10.5.0", "<a>-1", "CET+25", "CET-1CEST-99,0,1"};
	struct zone_rule rule;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (zone_rule_parse(&rule, rules[i], strlen(rules[i])) != ERR_FORMAT)
			fail_msg("accepted: %s", rules[i]);
	}
	assert_int_equal(zone_rule_parse(&rule, "", 0), 0);
	assert_false(rule.is_given);
}

/* A file of one type, `times` transitions and the footer; returns its length. */
static size_t build(uint8_t *dst, uint32_t times, uint32_t types, uint32_t leaps, int32_t offset)
{
	uint8_t *p = dst;
	for (int block = 0; block < 2; block++) {
		uint32_t counts[6] = {0, 0, leaps, times, types, 4};
		memset(p, 0, 44);
		memcpy(p, "TZif2", 5);
		if (block == 0)
			memset(counts, 0, sizeof counts);
		for (int i = 0; i < 6; i++) {
			p[20 + 4 * i] = (uint8_t)(counts[i] >> 24);
			p[21 + 4 * i] = (uint8_t)(counts[i] >> 16);
			p[22 + 4 * i] = (uint8_t)(counts[i] >> 8);
			p[23 + 4 * i] = (uint8_t)counts[i];
		}
		p += 44;
	}
	for (uint32_t i = 0; i < times; i++, p += 8) {
		memset(p, 0, 8);
		p[6] = (uint8_t)(i >> 8);
		p[7] = (uint8_t)i;
	}
	memset(p, 0, times);
	p += times;
	for (int i = 0; i < 4; i++)
		*p++ = (uint8_t)((uint32_t)offset >> (24 - 8 * i));
	*p++ = 0;
	*p++ = 0;
	memcpy(p, "ABC\0\n\n", 6);
	return (size_t)(p + 6 - dst);
}

static void test_damaged_files_are_refused(void **state)
{
	(void)state;
	static uint8_t bytes[LIMIT_ZONE_BYTES];
	static struct zone z;
	for (size_t i = 0; i < KIT_ZONES; i++) {
		size_t n = kit_zone_read(kit_zones[i], bytes);
		for (size_t cut = 0; cut < n; cut++) {
			/* behind exactly as many bytes, so that reading further is found */
			uint8_t *exact = malloc(cut + 1);
			assert_non_null(exact);
			memcpy(exact + 1, bytes, cut);
			assert_int_equal(zone_parse(&z, exact + 1, cut), ERR_FORMAT);
			free(exact);
		}
	}
	size_t n = build(bytes, 2, 1, 0, 3600);
	assert_int_equal(zone_parse(&z, bytes, n), 0);
	assert_int_equal(zone_offset_s(&z, 1795352800), 3600);
	bytes[88 + 15] = 0; /* the second transition at the time of the first */
	assert_int_equal(zone_parse(&z, bytes, n), ERR_FORMAT);
	n = build(bytes, 2, 1, 0, 3600);
	bytes[88 + 16] = 1; /* a type that is not there */
	assert_int_equal(zone_parse(&z, bytes, n), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, 1, 0, 93600)), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, 1, 0, -90000)), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, 1, 0, INT32_MIN)), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, 1, 1, 0)), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, 0, 0, 0)), ERR_FORMAT);
	assert_int_equal(zone_parse(&z, bytes, build(bytes, 0, UINT32_MAX, 0, 0)), ERR_FORMAT);
	n = build(bytes, LIMIT_ZONE_TRANSITIONS, 1, 0, 0);
	assert_int_equal(zone_parse(&z, bytes, n), 0);
	n = build(bytes, LIMIT_ZONE_TRANSITIONS + 1, 1, 0, 0);
	assert_int_equal(zone_parse(&z, bytes, n), ERR_LIMIT);
}

static void test_days_of_the_calendar(void **state)
{
	(void)state;
	use_libc("UTC0");
	for (int64_t day = -800000; day < 800000; day += 17) {
		time_t t = day * 86400;
		struct tm tm;
		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(
			zone_days(tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday),
			day);
	}
	assert_int_equal(zone_floor_div(-1, 7), -1);
	assert_int_equal(zone_floor_mod(-1, 7), 6);
	assert_int_equal(zone_floor_div(14, 7), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offsets_are_those_of_libc),
		cmocka_unit_test(test_rules_are_those_of_libc),
		cmocka_unit_test(test_daylight_saving_all_year),
		cmocka_unit_test(test_wrong_rules_are_refused),
		cmocka_unit_test(test_damaged_files_are_refused),
		cmocka_unit_test(test_days_of_the_calendar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

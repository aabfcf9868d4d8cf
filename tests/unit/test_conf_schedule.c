/* SPDX-License-Identifier: Apache-2.0
 * The section sync of the configuration: what is taken, what is refused, and how it is shown. */
#include "engine/conf/conf.h"
#include "tests/kit/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/platen-test-XXXXXX";

static void put(const char *name, const void *bytes, size_t len)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int load(struct agent_conf *c, struct conf_error *err, const char *yaml)
{
	char path[128];
	put("platen.yaml", yaml, strlen(yaml));
	(void)snprintf(path, sizeof path, "%s/platen.yaml", folder);
	return agent_conf_load(c, path, err);
}

/* This machine's zones are a folder of our own: Test/Paris, and one that is damaged. */
static int make_zones(void **state)
{
	uint8_t bytes[LIMIT_ZONE_BYTES];
	char path[128];
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/Test", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	size_t n = kit_zone_read("Paris", bytes);
	put("Test/Paris", bytes, n);
	put("Test/Damaged", bytes, n - 1);
	put("Test/Open", bytes, n);
	(void)snprintf(path, sizeof path, "%s/Test/Open", folder);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(setenv("TZDIR", folder, 1), 0);
	return setenv("TZ", ":Test/Paris", 1);
}

static int remove_zones(void **state)
{
	static const char *const names[] = {
		"Test/Paris", "Test/Damaged", "Test/Open", "Test", "platen.yaml", ""};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)remove(path);
	}
	return 0;
}

static void test_heartbeat_is_hourly_or_off(void **state)
{
	static const struct {
		const char *yaml;
		uint64_t ms;
	} rows[] = {{"sync: {heartbeat: off}\n", 0}, {"sync: {heartbeat: 90m}\n", 5400000},
		{"sync: {interval: 6h}\n", 3600000}};
	struct agent_conf c;
	struct conf_error err;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(load(&c, &err, rows[i].yaml), 0);
		assert_int_equal(c.heartbeat_ms, rows[i].ms);
		agent_conf_free(&c);
	}
}

static void test_schedule_is_shown_as_it_is_understood(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *shown;
	} rows[] = {
		{"site: A\n", "once a day (Test/Paris), at a minute of this agent's own"},
		{"sync: {interval: 24h}\n",
			"once a day (Test/Paris), at a minute of this agent's own"},
		{"sync: {interval: 6h}\n", "every 6 h"},
		{"sync: {at: 13:30, timezone: UTC}\n", "13:30 (UTC)"},
		{"sync: {at: [\"13:30\", 22:00-05:00]}\n",
			"13:30, 22:00-05:00 (Test/Paris), at a minute of this agent's own"},
		{"sync: {at: \"6:00, 18:00\", weekdays: mon-fri}\n",
			"06:00, 18:00 on mon, tue, wed, thu, fri (Test/Paris)"},
		{"sync: {weekdays: [sat-mon, wed], timezone: Test/Paris}\n",
			"once a day on mon, wed, sat, sun (Test/Paris), at a minute of this "
			"agent's own"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		struct buf b;
		struct writer w;
		assert_int_equal(load(&c, &err, rows[i].yaml), 0);
		buf_open(&b, 4096);
		writer_open(&w, &b);
		agent_conf_put_schedule(&w, &c);
		writer_char(&w, '\0');
		assert_string_equal((const char *)b.data, rows[i].shown);
		buf_close(&b);
		agent_conf_free(&c);
	}
}

static void test_times_are_those_of_the_zone(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(
		load(&c, &err, "sync: {at: 13:30, weekdays: sun, timezone: Test/Paris}\n"), 0);
	/* From Thursday, 2026-01-01, to Sunday, 12:30 UTC. */
	assert_int_equal(calendar_next_ms(&c.sync_calendar, UINT64_C(1767225600000)),
		UINT64_C(1767225600000) + 3 * UINT64_C(86400000) + UINT64_C(45000000));
	assert_true(agent_conf_memory(&c) > sizeof(struct zone));
	agent_conf_free(&c);
}

static void test_wrong_schedule_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *message;
	} rows[] = {
		{"sync: {heartbeat: 0}\n",
			":1:19: \"sync.heartbeat\" takes 1s to 31d, or off, not \"0\""},
		{"sync: {heartbeat: never}\n", "such as 250ms, 15s, 10m, 6h or 7d, or off"},
		{"sync: {at: 24:00}\n", ":1:12: \"sync.at\" takes a time such as 13:30, or a span"},
		{"sync: {at: 1330}\n", ":1:12: \"sync.at\" takes a time such as 13:30"},
		{"sync: {at: \"13:30,\"}\n", ":1:12: \"sync.at\" takes a time"},
		{"sync: {at: []}\n",
			":1:12: \"sync.at\" is empty: leave the key out, or name a time"},
		{"sync: {at: [{a: b}]}\n", "each entry of \"sync.at\" is a time, not a map"},
		{"sync: {weekdays: monday}\n", ":1:18: \"sync.weekdays\" takes days such as mon"},
		{"sync: {weekdays: mon-}\n", "takes days such as mon, wed or mon-fri"},
		{"sync: {at: 13:30, interval: 6h}\n",
			"give either \"sync.at\" or \"sync.interval\""},
		{"sync: {interval: 6h, weekdays: mon}\n",
			"\"sync.weekdays\" needs \"sync.at\", or a \"sync.interval\" of 24h"},
		{"sync: {interval: 6h, timezone: UTC}\n", "\"sync.timezone\" needs \"sync.at\""},
		{"sync: {timezone: Test/Nowhere}\n", ":1:18: \"sync.timezone\": \"Test/Nowhere\" "
						     "is no time zone of this system"},
		{"sync: {timezone: Test}\n", "\"Test\" is no time zone of this system"},
		{"sync: {timezone: Test/Open}\n", "is no time zone of this system"},
		{"sync: {timezone: Test/Damaged}\n", "is a damaged file, or one with leap seconds"},
		{"sync: {timezone: ../Test/Paris}\n", "is no name of a time zone"},
		{"sync: {timezone: /etc/localtime}\n", "is no name of a time zone"},
		{"sync: {at: \"0:00,0:01,0:02,0:03,0:04,0:05,0:06,0:07,0:08,0:09,0:10,0:11,0:12,"
		 "0:13,0:14,0:15,0:16,0:17,0:18,0:19,0:20,0:21,0:22,0:23,0:24\"}\n",
			"takes at most 24 times"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		assert_int_equal(load(&c, &err, rows[i].yaml), ERR_CONF);
		if (strstr(err.text, rows[i].message) == NULL)
			fail_msg("%sgave %s", rows[i].yaml, err.text);
	}
}

static void note(void *owner, const char *path)
{
	char *text = owner;
	(void)snprintf(text + strlen(text), 256 - strlen(text), "%s ", path);
}

static void test_changed_schedule_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *yaml, *keys;
	} rows[] = {{"sync: {at: 13:30, weekdays: mon}\n", ""},
		{"sync: {at: 13:31, weekdays: mon}\n", "sync.at "},
		{"sync: {at: [13:30, 14:30], weekdays: mon}\n", "sync.at "},
		{"sync: {at: 13:30}\n", "sync.weekdays "},
		{"sync: {at: 13:30, weekdays: mon, timezone: UTC}\n", "sync.timezone "}};
	struct agent_conf a, b;
	struct conf_error err;
	assert_int_equal(load(&a, &err, rows[0].yaml), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[256] = "";
		assert_int_equal(load(&b, &err, rows[i].yaml), 0);
		agent_conf_differ(&a, &b, note, text);
		assert_string_equal(text, rows[i].keys);
		agent_conf_free(&b);
	}
	agent_conf_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heartbeat_is_hourly_or_off),
		cmocka_unit_test(test_schedule_is_shown_as_it_is_understood),
		cmocka_unit_test(test_times_are_those_of_the_zone),
		cmocka_unit_test(test_wrong_schedule_is_refused_with_its_place),
		cmocka_unit_test(test_changed_schedule_is_found),
	};
	return cmocka_run_group_tests(tests, make_zones, remove_zones);
}

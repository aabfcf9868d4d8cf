/* SPDX-License-Identifier: Apache-2.0
 * The key table: docs/configuration.md is its output, the sample file can be read, every
 * default passes its own check, and close names are found. */
#include "engine/conf/load.h"
#include "proto/base/closest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void sample_of(struct buf *dst, const struct conf_table *t)
{
	struct writer w;
	writer_open(&w, dst);
	conf_write_sample(&w, t);
	assert_int_equal(writer_close(&w), 0);
}

static void test_configuration_md_is_current(void **state)
{
	(void)state;
	struct buf made, file;
	struct conf_error err = {.count = 0};
	buf_open(&made, 1u << 20);
	struct writer w;
	writer_open(&w, &made);
	conf_write_manual(&w);
	assert_int_equal(writer_close(&w), 0);
	assert_int_equal(
		conf_read_file(&file, PLATEN_SOURCE_DIR "/docs/configuration.md", 1u << 20, &err),
		0);
	assert_int_equal(made.len, file.len);
	assert_memory_equal(made.data, file.data, made.len);
	buf_close(&made);
	buf_close(&file);
}

static int read_bytes(const struct conf_table *t, void *base, struct buf *yaml,
	struct conf_error *err, struct conf_memory **memory)
{
	assert_int_equal(conf_memory_open(memory), 0);
	struct conf_load l = {.file = "sample", .table = t, .memory = *memory, .error = err};
	assert_int_equal(conf_store_presets(&l, t, base), 0);
	return conf_yaml_read(&l, base, yaml->data, yaml->len);
}

static void test_sample_parses_unchanged(void **state)
{
	(void)state;
	struct agent_conf agent = {.site = NULL};
	struct hub_conf hub = {.state_dir = NULL};
	struct conf_error err = {.count = 0};
	struct conf_memory *memory;
	struct buf yaml;
	buf_open(&yaml, 1u << 20);
	sample_of(&yaml, &conf_agent_table);
	assert_int_equal(read_bytes(&conf_agent_table, &agent, &yaml, &err, &memory), 0);
	assert_null(agent.targets);
	conf_memory_close(memory);
	buf_clear(&yaml);
	sample_of(&yaml, &conf_hub_table);
	assert_int_equal(read_bytes(&conf_hub_table, &hub, &yaml, &err, &memory), 0);
	assert_int_equal(hub.max_connections, 2000);
	conf_memory_close(memory);
	buf_close(&yaml);
}

/* Takes the first '#' away from each line whose next byte is no blank, or where the list is. */
static void use_all(struct buf *to, const struct buf *from, const char *section, bool is_list)
{
	const char *p = (const char *)from->data;
	const char *end = p + from->len;
	bool is_inside = false;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)(newline - p);
		if (n > 0 && *p != ' ' && *p != '#')
			is_inside = strncmp(p, section, strlen(section)) == 0;
		size_t blanks = strspn(p, " ");
		bool is_ours = is_inside && p[blanks] == '#' &&
			       ((p[blanks + 1] != ' ' && p[blanks + 1] != '\n') ||
				       (is_list && strncmp(p + blanks, "#  ", 3) == 0));
		assert_int_equal(buf_put(to, p, blanks), 0);
		p += blanks + (is_ours ? 1 : 0);
		assert_int_equal(buf_put(to, p, (size_t)(newline - p) + 1), 0);
		p = newline + 1;
	}
}

static bool has_lists(const char *section)
{
	return strcmp(section, "devices") == 0 || strcmp(section, "snmp") == 0 ||
	       strcmp(section, "discovery") == 0;
}

static void test_sample_parses_with_each_section_enabled(void **state)
{
	(void)state;
	static const char *const sections[] = {
		"secrets", "log", "devices", "snmp", "access", "discovery", "hub", "sync", "spool"};
	struct buf sample;
	buf_open(&sample, 1u << 20);
	sample_of(&sample, &conf_agent_table);
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		struct agent_conf c = {.site = NULL};
		struct conf_error err = {.count = 0};
		struct conf_memory *memory;
		struct buf yaml;
		buf_open(&yaml, 1u << 20);
		use_all(&yaml, &sample, sections[i], has_lists(sections[i]));
		int result = read_bytes(&conf_agent_table, &c, &yaml, &err, &memory);
		if (strcmp(sections[i], "hub") == 0) {
			/* Its three files are not there, and each password has one source. */
			assert_int_equal(err.count, 5);
			assert_non_null(strstr(err.text, "\"hub.password_env\": a file is given"));
			assert_string_equal(c.hub_url, "https://hub.example.com/");
		} else {
			assert_string_equal(err.text, "");
			assert_int_equal(result, 0);
		}
		if (strcmp(sections[i], "devices") == 0) {
			assert_non_null(c.targets);
			assert_string_equal(c.targets->range, "10.1.4.0/24");
			assert_int_equal(c.targets->port, 161);
		}
		if (strcmp(sections[i], "snmp") == 0) {
			assert_non_null(c.credentials);
			assert_string_equal(c.credentials->name, "office");
		}
		if (strcmp(sections[i], "discovery") == 0)
			assert_true(c.discovery_targets != NULL && c.discovery_include != NULL &&
				    c.discovery_exclude != NULL);
		conf_memory_close(memory);
		buf_close(&yaml);
	}
	buf_close(&sample);
}

static void check_table(const struct conf_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		const char *dot = strchr(k->path, '.');
		assert_true(dot == NULL || strchr(dot + 1, '.') == NULL);
		assert_int_equal(conf_table_find(t, k->path), i);
		assert_true(strlen(k->help) > 10);
		assert_int_equal(k->help[strlen(k->help) - 1], '.');
		/* A section stands in one place, or the sample would give it twice. */
		for (size_t j = 0; dot != NULL && j + 1 < i; j++) {
			size_t n = (size_t)(dot - k->path) + 1;
			if (strncmp(t->keys[j].path, k->path, n) == 0)
				assert_int_equal(strncmp(t->keys[i - 1].path, k->path, n), 0);
		}
		if (k->items != NULL)
			check_table(k->items);
	}
	assert_true(t->count <= CONF_KEYS_MAX);
}

static void test_key_tables_are_consistent(void **state)
{
	(void)state;
	check_table(&conf_agent_table);
	check_table(&conf_hub_table);
	assert_int_equal(conf_table_find(&conf_hub_table, "listen"), -1);
}

static void test_closest_distance(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned d;
	} pairs[] = {{"", "", 0}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1},
		{"ab", "abc", 1}, {"ab", "ba", 1}, {"rnage", "range", 1}, {"kitten", "sitting", 3},
		{"", "abcd", 4}, {"abcd", "wxyz", 4}, {"abcdefgh", "stuvwxyz", 5}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_int_equal(closest_distance(pairs[i].a, strlen(pairs[i].a), pairs[i].b,
					 strlen(pairs[i].b), 4),
			pairs[i].d);
	char wide[64];
	memset(wide, 'x', sizeof wide);
	assert_int_equal(closest_distance(wide, sizeof wide, "x", 1, 2), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configuration_md_is_current),
		cmocka_unit_test(test_sample_parses_unchanged),
		cmocka_unit_test(test_sample_parses_with_each_section_enabled),
		cmocka_unit_test(test_key_tables_are_consistent),
		cmocka_unit_test(test_closest_distance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

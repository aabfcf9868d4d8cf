/* SPDX-License-Identifier: Apache-2.0
 * The parser of the command line: values, presets, repeated options, and what it refuses. */
#include "engine/cli/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int run(const struct cli *cli)
{
	(void)cli;
	return CLI_OK;
}

static const struct cli_option options[] = {
	CLI_OPTION("count", 'n', .type = CLI_NUMBER, .value = "N", .min = 1, .max = 9,
		.preset = "5", .help = "a number"),
	CLI_OPTION("wait", 0, .type = CLI_DURATION, .value = "TIME", .min = 100, .max = 7200000,
		.help = "a duration"),
	CLI_OPTION("mode", 'm', .type = CLI_WORD, .value = "MODE", .words = "off auto on",
		.help = "a word"),
	CLI_OPTION("at", 0, .type = CLI_TEXT, .is_optional = true, .value = "ADDRESS",
		.help = "an optional value"),
	CLI_OPTION("file", 'f', .type = CLI_FILE, .is_repeated = true, .value = "FILE",
		.help = "several"),
	CLI_OPTION("verbose", 'v', .help = "a flag"), {.name = NULL}};

static const struct cli_verb verb = {.name = "do",
	.args = "[NAME ...]",
	.max_args = 2,
	.summary = "something",
	.options = {options},
	.run = run};
static const struct cli_verb *const verbs[] = {&verb, NULL};
static const struct cli_program program = {.name = "test", .summary = "a test", .verbs = verbs};

/* Splits `line` at blanks and parses it; the texts stay valid until the next call. */
static int parse(struct cli *cli, const char *line, bool *is_help)
{
	static char text[256];
	char *argv[16] = {text};
	int argc = 0;
	(void)snprintf(text, sizeof text, "do %s", line);
	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	*cli = (struct cli){.program = &program};
	return cli_parse(cli, &verb, argc, argv, is_help);
}

static void test_values_and_presets(void **state)
{
	(void)state;
	struct cli cli;
	bool is_help;
	assert_int_equal(parse(&cli, "", &is_help), CLI_OK);
	assert_int_equal(cli_number(&cli, "count"), 5);
	assert_false(cli_has(&cli, "count"));
	assert_int_equal(cli_number(&cli, "wait"), 0);
	assert_int_equal(cli_word(&cli, "mode"), -1);
	assert_null(cli_value(&cli, "at"));
	assert_int_equal(
		parse(&cli, "x -n7 --wait=1h30m -m auto --at -v y --file", &is_help), CLI_USAGE);
	assert_int_equal(parse(&cli, "x -n7 --wait=1h30m -m auto --at -v y", &is_help), CLI_OK);
	assert_int_equal(cli_number(&cli, "count"), 7);
	assert_int_equal(cli_number(&cli, "wait"), 5400000);
	assert_int_equal(cli_word(&cli, "mode"), 1);
	assert_string_equal(cli_value(&cli, "at"), "");
	assert_true(cli_has(&cli, "verbose"));
	assert_int_equal(cli.arg_count, 2);
	assert_string_equal(cli.args[1], "y");
}

static void test_repeated_option_keeps_its_order(void **state)
{
	(void)state;
	struct cli cli;
	bool is_help;
	size_t at = 0;
	assert_int_equal(parse(&cli, "-f a -v --file=b -fc", &is_help), CLI_OK);
	assert_string_equal(cli_next(&cli, "file", &at), "a");
	assert_string_equal(cli_next(&cli, "file", &at), "b");
	assert_string_equal(cli_next(&cli, "file", &at), "c");
	assert_null(cli_next(&cli, "file", &at));
}

static void test_refused_command_lines(void **state)
{
	(void)state;
	static const char *const lines[] = {"-n 0", "-n 10", "-n x", "--wait 99ms", "--wait 5",
		"-m maybe", "-n 1 -n 2", "-v -v", "--verbose=x", "--no-such", "-z", "-n", "--count",
		"a b c"};
	struct cli cli;
	bool is_help;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_int_equal(parse(&cli, lines[i], &is_help), CLI_USAGE);
	/* A word behind -- is an argument, and nothing behind --help is read. */
	assert_int_equal(parse(&cli, "-- -z", &is_help), CLI_OK);
	assert_string_equal(cli.args[0], "-z");
	assert_int_equal(parse(&cli, "--help", &is_help), CLI_OK);
	assert_true(is_help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_and_presets),
		cmocka_unit_test(test_repeated_option_keeps_its_order),
		cmocka_unit_test(test_refused_command_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

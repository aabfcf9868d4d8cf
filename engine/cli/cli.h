/* SPDX-License-Identifier: Apache-2.0
 * The command line of both programs: one table of verbs makes the parser, --help and the usage
 * line. A main is
 *   static const struct cli_verb verbs[] = {...};
 *   int main(int argc, char **argv) { return cli_main(&program, argc, argv); }
 * Data goes to stdout, messages to stderr. Exit codes: 0 ok, 1 failure, 2 usage, and of sysexits
 * 75 (try again later), 77 (no permission), 78 (configuration). */
#ifndef PLATEN_CLI_CLI_H
#define PLATEN_CLI_CLI_H

#include "engine/conf/conf.h"
#include "engine/conf/table.h"
#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_TEMPORARY = 75,
	CLI_PERMISSION = 77,
	CLI_CONFIG = 78
};

enum { CLI_OPTIONS_MAX = 24, CLI_ARGS_MAX = 8 };

struct cli_option {
	const char *name;  /* "config": given as --config FILE or --config=FILE */
	char letter;       /* 'c' for -c FILE; 0: none */
	const char *value; /* "FILE"; NULL: takes none; "[FILE]": --name or --name=FILE */
	const char *help;
};

struct cli;

struct cli_verb {
	const char *name; /* "run", or two words: "user add" */
	const char *args; /* "HOST", "[FILE]", or "" */
	unsigned min_args;
	unsigned max_args;                 /* at most CLI_ARGS_MAX */
	const char *summary;               /* one line */
	const char *details;               /* more sentences for --help, or NULL */
	const struct cli_option *options;  /* ends with {NULL}; --help is always there */
	int (*run)(const struct cli *cli); /* returns an exit code */
};

struct cli_program {
	const char *name;
	const char *summary;
	const struct cli_verb *verbs; /* ends with {NULL} */
	const struct conf_table *conf;
};

struct cli {
	const struct cli_program *program;
	const struct cli_verb *verb;
	const char *values[CLI_OPTIONS_MAX]; /* as the options stand; "" for one without a value */
	const char *args[CLI_ARGS_MAX];
	unsigned arg_count;
};

/* Knows also: no verb, help [VERB], --help, version, --version. */
int cli_main(const struct cli_program *p, int argc, char **argv);

/* The value of an option of this verb, or NULL if it was not given ("" if it takes none). */
const char *cli_value(const struct cli *cli, const char *option);
static inline bool cli_has(const struct cli *cli, const char *option)
{
	return cli_value(cli, option) != NULL;
}

/* An option's whole number within bounds; `preset` if it was not given. ERR_USAGE after a message.
 */
int cli_number(const struct cli *cli, const char *option, uint64_t min, uint64_t max,
	uint64_t preset, uint64_t *ret) MUST_USE;
/* The same for a duration such as 5s. */
int cli_duration(const struct cli *cli, const char *option, uint64_t min_ms, uint64_t max_ms,
	uint64_t preset_ms, uint64_t *ret_ms) MUST_USE;

/* "platen poll: ..." on stderr, with the hint at --help; returns CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "platen: ..." on stderr; nothing is added. */
void cli_error(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The exit code for an error of ours. */
int cli_exit_of(int err);

/* After the last output: CLI_OK, or CLI_FAILED when stdout could not be written (a full disk). */
int cli_finish(const struct cli *cli);

/* --config, or the program's usual file. */
const char *cli_config_file(const struct cli *cli);

/* ---- what both programs have ---- */

/* clang-format off */
#define CLI_OPTION_CONFIG {"config", 'c', "FILE", "the configuration, instead of the usual file"}
/* clang-format on */
extern const struct cli_option cli_config_options[]; /* --config, --json */

#define CLI_VERB_SAMPLE_CONFIG                                                                     \
	{                                                                                          \
		.name = "sample-config", .args = "",                                               \
		.summary = "print a configuration with every key explained",                       \
		.options = cli_sample_options, .run = cli_sample_config                            \
	}
int cli_sample_config(const struct cli *cli); /* --reference: the manual page */
extern const struct cli_option cli_sample_options[];

/* A verb cannot start: the mistakes on stderr; returns CLI_CONFIG. */
int cli_conf_refused(const struct cli *cli, const struct conf_error *why);

/* A number that check-config --json shows. */
struct cli_fact {
	const char *name;
	uint64_t value;
};
/* The result of check-config: ok if `why` has no text. `facts` ends with a NULL name, or is NULL;
 * `note` follows "FILE: ok". Returns CLI_OK or CLI_FAILED. */
int cli_checked(const struct cli *cli, const struct conf_error *why, const struct cli_fact *facts,
	const char *note);

/* Unix milliseconds. */
uint64_t cli_wall_ms(void);

#endif

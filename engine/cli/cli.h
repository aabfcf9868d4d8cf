/* SPDX-License-Identifier: Apache-2.0
 * The command line of every program. One table of verbs and options makes the parser (getopt_long),
 * --help, the manual pages (tools/gate/manual reads `help --json`) and the completion of bash, zsh
 * and fish. A main is int main(int argc, char **argv) { return cli_main(&program, argc, argv); }
 * Data goes to stdout, messages to stderr. */
#ifndef PLATEN_CLI_CLI_H
#define PLATEN_CLI_CLI_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* 64 and above as in sysexits.h. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_UNAVAILABLE = 69,
	CLI_IO = 74,
	CLI_TEMPORARY = 75,
	CLI_PERMISSION = 77,
	CLI_CONFIG = 78
};

enum { CLI_OPTIONS_MAX = 48, CLI_LISTS_MAX = 6, CLI_ARGS_MAX = 8, CLI_GIVEN_MAX = 448 };

/* The type of an option's or argument's value: the parser checks it, completion offers it. */
enum cli_type {
	CLI_FLAG,     /* no value */
	CLI_TEXT,     /* anything */
	CLI_NUMBER,   /* min to max */
	CLI_DURATION, /* 5s, 1h30m: min to max milliseconds */
	CLI_WORD,     /* one of `words` */
	CLI_FILE,     /* `words`: the endings of the names that completion offers; NULL: any */
	CLI_FOLDER,
	CLI_HOST,
	CLI_VERB /* the name of a verb */
};

struct cli_option {
	const char *name; /* "config": --config FILE or --config=FILE */
	char letter;      /* 'c': -c FILE; 0: none */
	enum cli_type type;
	bool is_optional; /* the value may be missing: --name or --name=VALUE */
	bool is_needed;
	bool is_repeated;   /* may be given several times: cli_next */
	const char *value;  /* "FILE": what --help calls the value */
	const char *words;  /* separated by blanks */
	const char *preset; /* the value where none is given; NULL: none */
	uint64_t min, max;
	const char *help;
};

/* clang-format off */
#define CLI_OPTION(option, short_name, ...) {.name = (option), .letter = (short_name), __VA_ARGS__}
/* clang-format on */

struct cli;

struct cli_verb {
	const char *name;       /* "run", or two words: "user add" */
	const char *args;       /* "HOST", "[RANGE ...]"; NULL: none */
	enum cli_type arg_type; /* of each argument */
	const char *arg_words;
	unsigned min_args;
	unsigned max_args;                               /* at most CLI_ARGS_MAX */
	const char *summary;                             /* one line */
	const char *details;                             /* sentences, or NULL */
	const struct cli_option *options[CLI_LISTS_MAX]; /* lists, each ends with {NULL} */
	int usage_code;                                  /* of wrong options; 0: CLI_USAGE */
	int (*run)(const struct cli *cli);               /* returns an exit code */
};

struct conf_table;

struct cli_program {
	const char *name;
	const char *summary;
	const struct cli_verb *const *verbs; /* ends with NULL; NULL: there is only one, `only` */
	const struct cli_verb *only;
	const struct conf_table *conf; /* its keys (engine/conf); NULL: it has no configuration */
};

struct cli {
	const struct cli_program *program;
	const struct cli_verb *verb;
	const struct cli_option *options[CLI_OPTIONS_MAX]; /* of the verb's lists */
	size_t option_count;
	struct {
		const struct cli_option *option;
		const char *value; /* "" without a value */
	} given[CLI_GIVEN_MAX];
	size_t given_count;
	const char *args[CLI_ARGS_MAX];
	unsigned arg_count;
};

int cli_main(const struct cli_program *p, int argc, char **argv);

/* Reads argv[1] and what follows by the verb's options. CLI_OK, or CLI_USAGE after a message.
 * *ret_help: --help was given; what stands behind it is not read. */
int cli_parse(struct cli *cli, const struct cli_verb *verb, int argc, char **argv, bool *ret_help);

/* The option's value: as given, else its preset, else NULL; "" for one without a value. */
const char *cli_value(const struct cli *cli, const char *option);
bool cli_has(const struct cli *cli, const char *option); /* it was given */

/* Of a CLI_NUMBER or CLI_DURATION (milliseconds); 0 if there is no value. */
uint64_t cli_number(const struct cli *cli, const char *option);

/* Of a CLI_WORD: its place among the words; -1 if there is no value. */
int cli_word(const struct cli *cli, const char *option);

/* The values of a repeated option, in order: *at begins with 0. NULL: no more. */
const char *cli_next(const struct cli *cli, const char *option, size_t *at);

/* "platen poll: ..." on stderr, with a reference to --help; returns CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "platen: ..." on stderr. */
void cli_error(const struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same with the exit code of the error. */
int cli_fail(const struct cli *cli, int err, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The exit code for an error of ours. */
int cli_exit_of(int err);

/* After the last output: CLI_OK, or CLI_FAILED when stdout cannot be written (a full disk). */
int cli_finish(const struct cli *cli);

/* The same after reading the state directory `dir`. -ENOENT: nothing is there yet, and `first` says
 * how to begin; `why` may be empty. */
int cli_finish_state(
	const struct cli *cli, int err, const char *dir, const char *why, const char *first);

/* Unix milliseconds. */
uint64_t cli_wall_ms(void);

/* ---- what every program has ---- */
extern const struct cli_option cli_option_json[]; /* -j, --json */
extern const struct cli_verb cli_verb_help, cli_verb_version, cli_verb_completion;

/* All options of the verb's lists into `dst`; returns their number. */
size_t cli_options(const struct cli_verb *v, const struct cli_option *dst[CLI_OPTIONS_MAX]);

void cli_help_program(FILE *out, const struct cli_program *p);
void cli_help_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v);
void cli_help_json(FILE *out, const struct cli_program *p);

/* The verb that the words name, and how many words that takes; NULL: none. */
const struct cli_verb *cli_find_verb(
	const struct cli_program *p, const char *const *words, int count, int *ret_taken);

/* The completion script for `shell`: "bash", "zsh" or "fish". It calls `PROGRAM --complete WORD
 * ...`. */
void cli_completion_script(FILE *out, const struct cli_program *p, const char *shell);

/* Prints the completions of the last of the words, which may be empty, for the shell scripts. */
void cli_complete(FILE *out, const struct cli_program *p, const char *const *words, int count);

#endif

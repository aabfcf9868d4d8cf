/* SPDX-License-Identifier: Apache-2.0
 * The command line by its table. */
#include "engine/cli/cli.h"

#include "engine/cli/cli_internal.h"
#include "proto/base/closest.h"
#include "proto/base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { VERBS_MAX = 32 };

static void say_version(const struct cli_program *p)
{
	(void)printf("%s %s\n", p->name, PLATEN_VERSION);
}

int cli_exit_of(int err)
{
	if (err >= 0)
		return CLI_OK;
	if (err == ERR_USAGE)
		return CLI_USAGE;
	if (err == ERR_CONF)
		return CLI_CONFIG;
	if (err == -EACCES || err == -EPERM || err == ERR_FORBIDDEN || err == ERR_AUTH)
		return CLI_PERMISSION;
	return err_passes(err) ? CLI_TEMPORARY : CLI_FAILED;
}

PRINTF_LIKE(3, 0)
static void say(const struct cli *cli, bool is_verb, const char *fmt, va_list ap)
{
	char text[1024];
	(void)vsnprintf(text, sizeof text, fmt, ap);
	/* What is said may hold words from the command line or from outside. */
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	(void)fflush(stdout);
	if (is_verb && cli->verb != NULL)
		(void)fprintf(stderr, "%s %s: %s\n", cli->program->name, cli->verb->name, text);
	else
		(void)fprintf(stderr, "%s: %s\n", cli->program->name, text);
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(cli, true, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "Try: %s %s%s--help\n", cli->program->name,
		cli->verb != NULL ? cli->verb->name : "", cli->verb != NULL ? " " : "");
	return CLI_USAGE;
}

void cli_error(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(cli, false, fmt, ap);
	va_end(ap);
}

int cli_finish(const struct cli *cli)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return CLI_OK;
	cli_error(cli, "cannot write: %s", err_text(errno > 0 ? -errno : -EIO));
	return CLI_FAILED;
}

/* ---- values ---- */

static int option_place(const struct cli_verb *v, const char *name, size_t len)
{
	for (int i = 0; v->options != NULL && v->options[i].name != NULL; i++) {
		if (strlen(v->options[i].name) == len && memcmp(v->options[i].name, name, len) == 0)
			return i;
	}
	return -1;
}

const char *cli_value(const struct cli *cli, const char *option)
{
	int place = option_place(cli->verb, option, strlen(option));
	return place < 0 ? NULL : cli->values[place];
}

int cli_number(const struct cli *cli, const char *option, uint64_t min, uint64_t max,
	uint64_t preset, uint64_t *ret)
{
	const char *text = cli_value(cli, option);
	*ret = preset;
	if (text == NULL || str_to_u64(text, min, max, ret) == 0)
		return 0;
	(void)cli_usage(cli, "--%s takes %llu to %llu", option, (unsigned long long)min,
		(unsigned long long)max);
	return ERR_USAGE;
}

int cli_duration(const struct cli *cli, const char *option, uint64_t min_ms, uint64_t max_ms,
	uint64_t preset_ms, uint64_t *ret_ms)
{
	const char *text = cli_value(cli, option);
	*ret_ms = preset_ms;
	if (text == NULL)
		return 0;
	if (str_to_ms(text, ret_ms) == 0 && *ret_ms >= min_ms && *ret_ms <= max_ms)
		return 0;
	(void)cli_usage(cli, "--%s takes a duration such as 500ms or 5s, %llu to %llu ms", option,
		(unsigned long long)min_ms, (unsigned long long)max_ms);
	return ERR_USAGE;
}

const char *cli_config_file(const struct cli *cli)
{
	const char *file = cli_value(cli, "config");
	return file != NULL ? file : cli->program->conf->file;
}

/* ---- parsing ---- */

struct arguments {
	int count;
	char **all;
	int at;
};

static int take_option(struct cli *cli, struct arguments *a, int place, const char *attached)
{
	const struct cli_option *o = &cli->verb->options[place];
	if (cli->values[place] != NULL)
		return cli_usage(cli, "--%s is given twice", o->name);
	if (o->value == NULL) {
		if (attached != NULL)
			return cli_usage(cli, "--%s takes no value", o->name);
		cli->values[place] = "";
		return CLI_OK;
	}
	/* "[ADDRESS]": its value may be missing, so it is only ever attached. */
	if (attached == NULL && o->value[0] == '[')
		attached = "";
	if (attached == NULL && a->at < a->count)
		attached = a->all[a->at++];
	if (attached == NULL)
		return cli_usage(cli, "--%s needs a value: %s", o->name, o->value);
	cli->values[place] = attached;
	return CLI_OK;
}

/* "; did you mean ...?", or nothing. */
static const char *meant(char dst[80], const char *before, const char *word, size_t len,
	const char *const *words, size_t count)
{
	const char *near = closest_word(word, len, words, count);
	dst[0] = '\0';
	if (near != NULL)
		(void)snprintf(dst, 80, "; did you mean %s%s?", before, near);
	return dst;
}

static int no_such_option(const struct cli *cli, const char *text, size_t len)
{
	const char *words[CLI_OPTIONS_MAX];
	char hint[80];
	size_t count = 0;
	for (; cli->verb->options != NULL && cli->verb->options[count].name != NULL; count++)
		words[count] = cli->verb->options[count].name;
	len = len < 64 ? len : 64;
	return cli_usage(cli, "unknown option --%.*s%s", (int)len, text,
		meant(hint, "--", text, len, words, count));
}

static int take_long(struct cli *cli, struct arguments *a, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals == NULL ? strlen(text) : (size_t)(equals - text);
	int place = option_place(cli->verb, text, len);
	if (place < 0)
		return no_such_option(cli, text, len);
	return take_option(cli, a, place, equals == NULL ? NULL : equals + 1);
}

/* One letter; its value may stand right behind it: -c FILE or -cFILE. */
static int take_short(struct cli *cli, struct arguments *a, const char *text)
{
	for (int i = 0; cli->verb->options != NULL && cli->verb->options[i].name != NULL; i++) {
		const struct cli_option *o = &cli->verb->options[i];
		if (o->letter == 0 || o->letter != text[0])
			continue;
		if (text[1] != '\0' && o->value == NULL)
			return cli_usage(cli, "-%c takes no value", o->letter);
		return take_option(cli, a, i, text[1] == '\0' ? NULL : text + 1);
	}
	return cli_usage(cli, "unknown option -%c", text[0]);
}

static int take_argument(struct cli *cli, const char *text)
{
	if (cli->arg_count >= cli->verb->max_args || cli->arg_count >= CLI_ARGS_MAX)
		return cli_usage(cli, "too many arguments: %.64s", text);
	cli->args[cli->arg_count++] = text;
	return CLI_OK;
}

static int parse(struct cli *cli, struct arguments *a, bool *is_help)
{
	bool is_only_args = false;
	while (a->at < a->count) {
		const char *text = a->all[a->at++];
		int code;
		if (is_only_args || text[0] != '-' || text[1] == '\0') {
			code = take_argument(cli, text);
		} else if (strcmp(text, "--") == 0) {
			is_only_args = true;
			continue;
		} else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
			*is_help = true;
			return CLI_OK;
		} else if (text[1] == '-') {
			code = take_long(cli, a, text + 2);
		} else {
			code = take_short(cli, a, text + 1);
		}
		if (code != CLI_OK)
			return code;
	}
	if (cli->arg_count < cli->verb->min_args)
		return cli_usage(cli, "%s is missing", cli->verb->args);
	return CLI_OK;
}

/* The verb that the words name, and how many words that takes; NULL: none. */
static const struct cli_verb *find_verb(
	const struct cli_program *p, char *const *words, int count, int *ret_taken)
{
	for (const struct cli_verb *v = p->verbs; v->name != NULL; v++) {
		const char *blank = strchr(v->name, ' ');
		size_t n = blank == NULL ? strlen(v->name) : (size_t)(blank - v->name);
		if (strlen(words[0]) != n || memcmp(words[0], v->name, n) != 0)
			continue;
		if (blank == NULL || (count > 1 && strcmp(words[1], blank + 1) == 0)) {
			*ret_taken = blank == NULL ? 1 : 2;
			return v;
		}
	}
	return NULL;
}

static int no_such_verb(const struct cli *cli, char *const *words, int count)
{
	for (const struct cli_verb *v = cli->program->verbs; v->name != NULL; v++) {
		size_t n = strlen(words[0]);
		if (strncmp(v->name, words[0], n) == 0 && v->name[n] == ' ')
			return count > 1
				       ? cli_usage(cli, "unknown: %.32s %.32s", words[0], words[1])
				       : cli_usage(cli, "%.32s what? For example: %s", words[0],
						 v->name);
	}
	const char *names[VERBS_MAX];
	char hint[80];
	size_t n = 0;
	for (const struct cli_verb *v = cli->program->verbs; v->name != NULL && n < VERBS_MAX; v++)
		names[n++] = v->name;
	return cli_usage(cli, "unknown verb %.64s%s", words[0],
		meant(hint, "", words[0], strnlen(words[0], 64), names, n));
}

/* `help [VERB]` */
static int help(struct cli *cli, char *const *words, int count)
{
	int taken;
	if (count == 0) {
		cli_help_program(stdout, cli->program);
		return cli_finish(cli);
	}
	const struct cli_verb *v = find_verb(cli->program, words, count, &taken);
	if (v == NULL)
		return no_such_verb(cli, words, count);
	cli_help_verb(stdout, cli->program, v);
	return cli_finish(cli);
}

/* Passphrases and keys are in this memory: no core of it is left on a disk or given to a collector
 * of cores. The kernel writes none below a page, and pipes none at a limit of 1 byte (core(5)); the
 * hard limit stays, so that somebody who needs a core gets one by prlimit(1). */
static void leave_no_core(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < 1 ? 0 : 1;
	(void)setrlimit(RLIMIT_CORE, &limit); /* lower than the hard one: cannot fail */
}

int cli_main(const struct cli_program *p, int argc, char **argv)
{
	struct cli cli = {.program = p};
	leave_no_core();
	if (argc < 2) {
		cli_help_program(stderr, p);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
		say_version(p);
		return cli_finish(&cli);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(&cli, NULL, 0);
	if (strcmp(argv[1], "help") == 0)
		return help(&cli, argv + 2, argc - 2);
	if (argv[1][0] == '-')
		return cli_usage(&cli, "a verb comes first, not %.64s", argv[1]);
	int taken = 0;
	const struct cli_verb *v = find_verb(p, argv + 1, argc - 1, &taken);
	if (v == NULL)
		return no_such_verb(&cli, argv + 1, argc - 1);
	cli.verb = v;
	struct arguments a = {.count = argc, .all = argv, .at = 1 + taken};
	bool is_help = false;
	int code = parse(&cli, &a, &is_help);
	if (code != CLI_OK)
		return code;
	if (is_help) {
		cli_help_verb(stdout, p, v);
		return cli_finish(&cli);
	}
	return v->run(&cli);
}

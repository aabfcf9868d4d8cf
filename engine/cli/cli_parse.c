/* SPDX-License-Identifier: Apache-2.0
 * Options and arguments of one verb, by getopt_long. */
#include "engine/cli/cli.h"

#include "proto/base/closest.h"
#include "proto/base/str.h"

#include <getopt.h>
#include <string.h>

/* getopt's value of the long option at place i: above every letter. */
enum { LONG = 256, HELP = 255 };

size_t cli_options(const struct cli_verb *v, const struct cli_option *dst[CLI_OPTIONS_MAX])
{
	size_t n = 0;
	for (size_t list = 0; list < CLI_LISTS_MAX && v->options[list] != NULL; list++) {
		for (const struct cli_option *o = v->options[list];
			o->name != NULL && n < CLI_OPTIONS_MAX; o++)
			dst[n++] = o;
	}
	return n;
}

static const struct cli_option *find(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->option_count; i++) {
		if (strcmp(cli->options[i]->name, name) == 0)
			return cli->options[i];
	}
	return NULL;
}

static const char *given(const struct cli *cli, const struct cli_option *o)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		if (cli->given[i].option == o)
			return cli->given[i].value;
	}
	return NULL;
}

/* ---- values ---- */

bool cli_has(const struct cli *cli, const char *option)
{
	const struct cli_option *o = find(cli, option);
	return o != NULL && given(cli, o) != NULL;
}

const char *cli_value(const struct cli *cli, const char *option)
{
	const struct cli_option *o = find(cli, option);
	const char *value = o == NULL ? NULL : given(cli, o);
	return value != NULL || o == NULL ? value : o->preset;
}

static int number_of(const struct cli_option *o, const char *text, uint64_t *ret)
{
	if (o->type == CLI_NUMBER)
		return str_to_u64(text, o->min, o->max, ret);
	int err = str_to_ms(text, ret);
	return err == 0 && (*ret < o->min || *ret > o->max) ? ERR_RANGE : err;
}

uint64_t cli_number(const struct cli *cli, const char *option)
{
	const char *text = cli_value(cli, option);
	uint64_t n = 0;
	/* It was checked when it was read, and a preset is within its own bounds. */
	return text == NULL || number_of(find(cli, option), text, &n) < 0 ? 0 : n;
}

static int word_of(const char *words, const char *text)
{
	size_t len = strlen(text);
	for (int place = 0; *words != '\0'; place++) {
		size_t n = strcspn(words, " ");
		if (n == len && memcmp(words, text, n) == 0)
			return place;
		words += n + (words[n] == ' ' ? 1 : 0);
	}
	return -1;
}

int cli_word(const struct cli *cli, const char *option)
{
	const char *text = cli_value(cli, option);
	return text == NULL ? -1 : word_of(find(cli, option)->words, text);
}

const char *cli_next(const struct cli *cli, const char *option, size_t *at)
{
	while (*at < cli->given_count) {
		size_t i = (*at)++;
		if (strcmp(cli->given[i].option->name, option) == 0)
			return cli->given[i].value;
	}
	return NULL;
}

/* "1, 2c or 3" */
static void list_words(char *dst, size_t cap, const char *words)
{
	size_t len = 0;
	dst[0] = '\0';
	while (*words != '\0' && len < cap) {
		size_t n = strcspn(words, " ");
		const char *next = words + n + (words[n] == ' ' ? 1 : 0);
		const char *between = *next == '\0'               ? ""
				      : strchr(next, ' ') == NULL ? " or "
								  : ", ";
		len += (size_t)snprintf(dst + len, cap - len, "%.*s%s", (int)n, words, between);
		words = next;
	}
}

static int check_value(const struct cli *cli, const struct cli_option *o, const char *value)
{
	char words[256];
	uint64_t n;
	switch (o->type) {
	case CLI_NUMBER:
		if (number_of(o, value, &n) == 0)
			return CLI_OK;
		return cli_usage(
			cli, "--%s takes %ju to %ju, not %.64s", o->name, o->min, o->max, value);
	case CLI_DURATION:
		if (number_of(o, value, &n) == 0)
			return CLI_OK;
		return cli_usage(cli,
			"--%s takes a duration such as 500ms, 5s or 1h30m, %ju to %ju ms, not "
			"%.64s",
			o->name, o->min, o->max, value);
	case CLI_WORD:
		if (word_of(o->words, value) >= 0)
			return CLI_OK;
		list_words(words, sizeof words, o->words);
		return cli_usage(cli, "--%s takes %s, not %.64s", o->name, words, value);
	default:
		return CLI_OK;
	}
}

/* ---- parsing ---- */

static int add(struct cli *cli, const struct cli_option *o, const char *value)
{
	if (!o->is_repeated && given(cli, o) != NULL)
		return cli_usage(cli, "--%s is given twice", o->name);
	if (cli->given_count == CLI_GIVEN_MAX)
		return cli_usage(cli, "more than %d options", CLI_GIVEN_MAX);
	if (value != NULL) {
		int code = check_value(cli, o, value);
		if (code != CLI_OK)
			return code;
	}
	cli->given[cli->given_count].option = o;
	cli->given[cli->given_count++].value = value != NULL ? value : "";
	return CLI_OK;
}

static int unknown_long(const struct cli *cli, const char *text)
{
	const char *words[CLI_OPTIONS_MAX];
	size_t len = strcspn(text, "=");
	for (size_t i = 0; i < cli->option_count; i++)
		words[i] = cli->options[i]->name;
	len = len < 64 ? len : 64;
	const char *near = closest_word(text, len, words, cli->option_count);
	return cli_usage(cli, "unknown option --%.*s%s%s%s", (int)len, text,
		near != NULL ? "; did you mean --" : "", near != NULL ? near : "",
		near != NULL ? "?" : "");
}

static const struct cli_option *option_of(const struct cli *cli, int id)
{
	if (id >= LONG)
		return cli->options[id - LONG];
	for (size_t i = 0; i < cli->option_count; i++) {
		if (cli->options[i]->letter == id)
			return cli->options[i];
	}
	return NULL;
}

/* getopt_long's tables; `shorts` begins with ':', so that a missing value is told apart. */
static void make_tables(const struct cli *cli, struct option *longs, char *shorts)
{
	*shorts++ = ':';
	*shorts++ = 'h';
	for (size_t i = 0; i < cli->option_count; i++) {
		const struct cli_option *o = cli->options[i];
		int has_value = o->type == CLI_FLAG ? no_argument
				: o->is_optional    ? optional_argument
						    : required_argument;
		longs[i] = (struct option){o->name, has_value, NULL, LONG + (int)i};
		if (o->letter == 0)
			continue;
		*shorts++ = o->letter;
		for (int colons = 0; colons < has_value; colons++)
			*shorts++ = ':';
	}
	longs[cli->option_count] = (struct option){"help", no_argument, NULL, HELP};
	longs[cli->option_count + 1] = (struct option){NULL, 0, NULL, 0};
	*shorts = '\0';
}

static int refuse(const struct cli *cli, int id, const char *text)
{
	const struct cli_option *o = optopt != 0 ? option_of(cli, optopt) : NULL;
	if (id == ':' && o != NULL)
		return cli_usage(cli, "--%s needs a value: %s", o->name, o->value);
	if (o != NULL)
		return cli_usage(cli, "--%s takes no value", o->name);
	if (optopt == 0)
		return unknown_long(cli, text + 2);
	return cli_usage(cli, "unknown option -%c", optopt);
}

static int check_whole(struct cli *cli, char **argv, int count)
{
	for (size_t i = 0; i < cli->option_count; i++) {
		const struct cli_option *o = cli->options[i];
		if (o->is_needed && given(cli, o) == NULL)
			return cli_usage(cli, "--%s %s is needed", o->name, o->value);
	}
	if ((unsigned)count > cli->verb->max_args)
		return cli_usage(cli, "too many arguments: %.64s", argv[cli->verb->max_args]);
	if ((unsigned)count < cli->verb->min_args)
		return cli_usage(cli, "%s is missing", cli->verb->args);
	for (int i = 0; i < count; i++)
		cli->args[cli->arg_count++] = argv[i];
	return CLI_OK;
}

int cli_parse(struct cli *cli, const struct cli_verb *verb, int argc, char **argv, bool *ret_help)
{
	struct option longs[CLI_OPTIONS_MAX + 2];
	char shorts[3 * CLI_OPTIONS_MAX + 3];
	cli->verb = verb;
	cli->option_count = cli_options(verb, cli->options);
	make_tables(cli, longs, shorts);
	*ret_help = false;
	opterr = 0; /* the messages are ours */
	optind = 0; /* glibc: begin anew */
	for (;;) {
		int id = getopt_long(argc, argv, shorts, longs, NULL);
		if (id == -1)
			return check_whole(cli, argv + optind, argc - optind);
		if (id == 'h' || id == HELP) {
			*ret_help = true;
			return CLI_OK;
		}
		const struct cli_option *o = id == '?' || id == ':' ? NULL : option_of(cli, id);
		int code = o != NULL ? add(cli, o, optarg) : refuse(cli, id, argv[optind - 1]);
		if (code != CLI_OK)
			return code;
	}
}

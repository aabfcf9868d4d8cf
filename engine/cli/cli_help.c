/* SPDX-License-Identifier: Apache-2.0
 * The table of verbs as --help and as JSON. */
#include "engine/cli/cli.h"

#include <string.h>

enum { WIDTH = 78, VERB_COLUMN = 23, OPTION_COLUMN = 29 };

/* Sentences from column `indent` on, broken at blanks; the first line's indent is written already.
 */
static void put_wrapped(FILE *out, const char *text, int indent)
{
	size_t width = (size_t)(WIDTH - indent);
	for (bool is_first = true; *text != '\0'; is_first = false) {
		size_t n = strlen(text);
		if (n > width) {
			n = width;
			while (n > 0 && text[n] != ' ')
				n--;
			if (n == 0)
				n = strcspn(text, " ");
		}
		(void)fprintf(out, "%*s%.*s\n", is_first ? 0 : indent, "", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
}

/* `words`, then the text from `column` on, on a line of its own if the words reach so far. */
static void put_row(FILE *out, const char *words, const char *text, int column)
{
	int width = column - 3;
	if ((int)strlen(words) > width)
		(void)fprintf(out, "  %s\n%*s", words, column, "");
	else
		(void)fprintf(out, "  %-*s ", width, words);
	put_wrapped(out, text, column);
}

void cli_help_program(FILE *out, const struct cli_program *p)
{
	char words[64];
	if (p->verbs == NULL) {
		cli_help_verb(out, p, p->only);
		return;
	}
	(void)fprintf(
		out, "%s: %s\n\nUsage: %s VERB [OPTION ...]\n\n", p->name, p->summary, p->name);
	for (const struct cli_verb *const *v = p->verbs; *v != NULL; v++) {
		(void)snprintf(words, sizeof words, "%s%s%s", (*v)->name,
			(*v)->args != NULL ? " " : "", (*v)->args != NULL ? (*v)->args : "");
		put_row(out, words, (*v)->summary, VERB_COLUMN);
	}
	(void)fprintf(out, "\nMore: %s VERB --help\n", p->name);
}

/* "-p, --port PORT" */
static void name_option(char *dst, size_t cap, const struct cli_option *o)
{
	char letter[8] = "    ";
	if (o->letter != 0)
		(void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
	bool is_flag = o->type == CLI_FLAG;
	(void)snprintf(dst, cap, "%s--%s%s%s%s", letter, o->name,
		is_flag          ? ""
		: o->is_optional ? "[="
				 : " ",
		is_flag ? "" : o->value, o->is_optional ? "]" : "");
}

/* The help, the words that it takes, and the preset. */
static void describe_option(char *dst, size_t cap, const struct cli_option *o)
{
	bool has_words = o->type == CLI_WORD;
	int len = snprintf(
		dst, cap, "%s%s%s", o->help, has_words ? ": " : "", has_words ? o->words : "");
	if (o->preset != NULL && len > 0 && (size_t)len < cap)
		(void)snprintf(dst + len, cap - (size_t)len, " (%s)", o->preset);
}

void cli_help_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	char words[64], text[512];
	bool is_verb = v != p->only;
	(void)fprintf(out, "Usage: %s%s%s [OPTION ...]%s%s\n\n", p->name, is_verb ? " " : "",
		is_verb ? v->name : "", v->args != NULL ? " " : "", v->args != NULL ? v->args : "");
	put_wrapped(out, is_verb ? v->summary : p->summary, 0);
	if (v->details != NULL) {
		(void)fputc('\n', out);
		put_wrapped(out, v->details, 0);
	}
	(void)fputc('\n', out);
	size_t count = cli_options(v, options);
	for (size_t i = 0; i < count; i++) {
		name_option(words, sizeof words, options[i]);
		describe_option(text, sizeof text, options[i]);
		put_row(out, words, text, OPTION_COLUMN);
	}
	put_row(out, "-h, --help", "this page", OPTION_COLUMN);
	if (!is_verb) {
		put_row(out, "    --version", "print the version", OPTION_COLUMN);
		put_row(out, "    --completion SHELL", "print the script for bash, zsh or fish",
			OPTION_COLUMN);
	}
}

/* ---- JSON ---- */

static const char *const type_names[] = {[CLI_FLAG] = "flag",
	[CLI_TEXT] = "text",
	[CLI_NUMBER] = "number",
	[CLI_DURATION] = "duration",
	[CLI_WORD] = "word",
	[CLI_FILE] = "file",
	[CLI_FOLDER] = "folder",
	[CLI_HOST] = "host",
	[CLI_VERB] = "verb"};

/* The texts are ours: of what JSON escapes they hold only quotes and backslashes. */
static void put_member(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "\"%s\":", name);
	if (text == NULL) {
		(void)fputs("null,", out);
		return;
	}
	(void)fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
	(void)fputs("\",", out);
}

static void put_option(FILE *out, const struct cli_option *o)
{
	char letter[2] = {o->letter, '\0'};
	(void)fputc('{', out);
	put_member(out, "name", o->name);
	put_member(out, "letter", letter);
	put_member(out, "type", type_names[o->type]);
	put_member(out, "value", o->value);
	put_member(out, "words", o->words);
	put_member(out, "default", o->preset);
	put_member(out, "help", o->help);
	(void)fprintf(out, "\"min\":%ju,\"max\":%ju,\"optional\":%s,\"needed\":%s,\"repeated\":%s}",
		o->min, o->max, o->is_optional ? "true" : "false", o->is_needed ? "true" : "false",
		o->is_repeated ? "true" : "false");
}

static void put_verb(FILE *out, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	(void)fputc('{', out);
	put_member(out, "name", v->name);
	put_member(out, "args", v->args);
	put_member(out, "arg_type", type_names[v->arg_type]);
	put_member(out, "summary", v->summary);
	put_member(out, "details", v->details);
	(void)fprintf(
		out, "\"min_args\":%u,\"max_args\":%u,\"options\":[", v->min_args, v->max_args);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			(void)fputc(',', out);
		put_option(out, options[i]);
	}
	(void)fputs("]}", out);
}

void cli_help_json(FILE *out, const struct cli_program *p)
{
	(void)fputc('{', out);
	put_member(out, "program", p->name);
	put_member(out, "version", PLATEN_VERSION);
	put_member(out, "summary", p->summary);
	(void)fputs("\"verbs\":[", out);
	if (p->verbs == NULL)
		put_verb(out, p->only);
	for (const struct cli_verb *const *v = p->verbs; v != NULL && *v != NULL; v++) {
		if (v != p->verbs)
			(void)fputc(',', out);
		put_verb(out, *v);
	}
	(void)fputs("]}\n", out);
}

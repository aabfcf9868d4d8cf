/* SPDX-License-Identifier: Apache-2.0
 * The table of verbs as --help and as JSON. */
#include "engine/cli/cli.h"

#include "proto/text/json_writer.h"

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

static void put_option(struct writer *w, const struct cli_option *o)
{
	char letter[2] = {o->letter, '\0'};
	jw_object(w, NULL);
	jw_str(w, "name", o->name);
	jw_str(w, "letter", letter);
	jw_str(w, "type", type_names[o->type]);
	jw_str(w, "value", o->value);
	jw_str(w, "words", o->words);
	jw_str(w, "default", o->preset);
	jw_str(w, "help", o->help);
	jw_uint(w, "min", o->min);
	jw_uint(w, "max", o->max);
	jw_bool(w, "optional", o->is_optional);
	jw_bool(w, "needed", o->is_needed);
	jw_bool(w, "repeated", o->is_repeated);
	jw_end(w);
}

static void put_verb(struct writer *w, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	jw_object(w, NULL);
	jw_str(w, "name", v->name);
	jw_str(w, "args", v->args);
	jw_str(w, "arg_type", type_names[v->arg_type]);
	jw_str(w, "summary", v->summary);
	jw_str(w, "details", v->details);
	jw_uint(w, "min_args", v->min_args);
	jw_uint(w, "max_args", v->max_args);
	jw_uint(w, "usage_code", (uint64_t)(v->usage_code != 0 ? v->usage_code : CLI_USAGE));
	jw_array(w, "options");
	for (size_t i = 0; i < count; i++)
		put_option(w, options[i]);
	jw_end(w);
	jw_end(w);
}

void cli_help_json(FILE *out, const struct cli_program *p)
{
	struct writer w;
	writer_open_file(&w, out);
	jw_object(&w, NULL);
	jw_str(&w, "program", p->name);
	jw_str(&w, "version", PLATEN_VERSION);
	jw_str(&w, "summary", p->summary);
	jw_array(&w, "verbs");
	if (p->verbs == NULL)
		put_verb(&w, p->only);
	for (const struct cli_verb *const *v = p->verbs; v != NULL && *v != NULL; v++)
		put_verb(&w, *v);
	(void)!jw_close(&w); /* cli_finish checks stdout */
}

/* SPDX-License-Identifier: Apache-2.0
 * --help, and the verbs that both programs have. */
#include "engine/cli/cli_internal.h"

#include "proto/base/buf.h"
#include "proto/base/str.h"

#include <string.h>

enum { HELP_WIDTH = 78, SAMPLE_MAX = 1 << 20 };

/* Sentences from column `indent` on, broken at blanks; the first line's indent is there already. */
static void put_wrapped(FILE *out, const char *text, size_t indent)
{
	size_t room = HELP_WIDTH - indent;
	bool is_first = true;
	while (*text != '\0') {
		size_t n = strlen(text);
		if (n > room) {
			n = room;
			while (n > 0 && text[n] != ' ')
				n--;
			if (n == 0)
				n = strcspn(text, " ");
		}
		(void)fprintf(out, "%*s%.*s\n", is_first ? 0 : (int)indent, "", (int)n, text);
		text += n;
		text += strspn(text, " ");
		is_first = false;
	}
}

void cli_help_program(FILE *out, const struct cli_program *p)
{
	(void)fprintf(
		out, "%s: %s\n\nUsage: %s VERB [OPTION ...]\n\n", p->name, p->summary, p->name);
	for (const struct cli_verb *v = p->verbs; v->name != NULL; v++) {
		char words[64];
		(void)snprintf(words, sizeof words, "%s%s%s", v->name,
			v->args[0] != '\0' ? " " : "", v->args);
		(void)fprintf(out, "  %-20s ", words);
		put_wrapped(out, v->summary, 23);
	}
	(void)fprintf(out, "  %-20s %s\n  %-20s %s\n\nMore: %s VERB --help\n", "help [VERB]",
		"this page, or one verb's", "version", "print the version", p->name);
}

void cli_help_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	(void)fprintf(out, "Usage: %s %s [OPTION ...]%s%s\n\n", p->name, v->name,
		v->args[0] != '\0' ? " " : "", v->args);
	put_wrapped(out, v->summary, 0);
	if (v->details != NULL) {
		(void)fputc('\n', out);
		put_wrapped(out, v->details, 0);
	}
	(void)fputc('\n', out);
	for (const struct cli_option *o = v->options; o != NULL && o->name != NULL; o++) {
		char words[64];
		char letter[8] = "    ";
		if (o->letter != 0)
			(void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
		bool is_optional = o->value != NULL && o->value[0] == '[';
		if (is_optional)
			(void)snprintf(
				words, sizeof words, "%s--%s[=%s", letter, o->name, o->value + 1);
		else
			(void)snprintf(words, sizeof words, "%s--%s%s%s", letter, o->name,
				o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
		(void)fprintf(out, "  %-26s ", words);
		put_wrapped(out, o->help, 29);
	}
	(void)fprintf(out, "  %-26s %s\n", "-h, --help", "this page");
}

/* ---- sample-config ---- */

const struct cli_option cli_sample_options[] = {
	{"reference", 0, NULL, "the reference of all keys of both programs, as Markdown"}, {0}};

int cli_sample_config(const struct cli *cli)
{
	struct buf b;
	buf_open(&b, SAMPLE_MAX);
	int err = cli_has(cli, "reference") ? conf_write_manual(&b)
					    : conf_write_sample(&b, cli->program->conf);
	if (err == 0 && b.len > 0)
		(void)fwrite(b.data, 1, b.len, stdout); /* cli_finish says what came of it */
	buf_close(&b);
	if (err < 0) {
		cli_error(cli, "%s", err_text(err));
		return cli_exit_of(err);
	}
	return cli_finish(cli);
}

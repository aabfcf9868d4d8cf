/* SPDX-License-Identifier: Apache-2.0
 * Completion scripts for bash, zsh and fish. */
#include "engine/cli/cli.h"

#include <string.h>

/* A text inside single quotes of a shell; `escaped` are further bytes that get a backslash. */
static void put_quoted(FILE *out, const char *text, const char *escaped)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)fputs("'\\'", out);
		else if (strchr(escaped, *text) != NULL)
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

/* The function of completion: platen-hub becomes _platen_hub. */
static void put_function(FILE *out, const struct cli_program *p)
{
	(void)fputc('_', out);
	for (const char *at = p->name; *at != '\0'; at++)
		(void)fputc(*at == '-' ? '_' : *at, out);
}

/* The first word of verb `i`, unless an earlier verb has the same; returns its length or 0. */
static size_t first_word(const struct cli_program *p, size_t i)
{
	const char *name = p->verbs[i]->name;
	size_t n = strcspn(name, " ");
	for (size_t k = 0; k < i; k++) {
		if (strncmp(p->verbs[k]->name, name, n) == 0 && p->verbs[k]->name[n] == ' ')
			return 0;
	}
	return n;
}

/* "run once status": what can stand first. */
static void put_verbs(FILE *out, const struct cli_program *p)
{
	for (size_t i = 0; p->verbs[i] != NULL; i++) {
		size_t n = first_word(p, i);
		if (n > 0)
			(void)fprintf(out, "%.*s ", (int)n, p->verbs[i]->name);
	}
}

/* Calls `put` for each verb with two words. */
static void each_second(FILE *out, const struct cli_program *p,
	void (*put)(FILE *out, const struct cli_verb *v, const char *second))
{
	for (const struct cli_verb *const *v = p->verbs; v != NULL && *v != NULL; v++) {
		const char *blank = strchr((*v)->name, ' ');
		if (blank != NULL)
			put(out, *v, blank + 1);
	}
}

/* ---- bash ---- */

static const char bash_helpers[] =
	"_platen_files() { # ENDING ...\n"
	"\tlocal file ending\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\twhile IFS= read -r file; do\n"
	"\t\tif [ -d \"$file\" ] || [ $# -eq 0 ]; then COMPREPLY+=(\"$file\"); continue; fi\n"
	"\t\tfor ending in \"$@\"; do\n"
	"\t\t\tcase $file in *\"$ending\") COMPREPLY+=(\"$file\") ;; esac\n"
	"\t\tdone\n"
	"\tdone < <(compgen -f -- \"$cur\")\n"
	"}\n"
	"_platen_words() { COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\")); }\n";

static const char bash_start[] =
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=\n"
	"\tCOMPREPLY=()\n"
	"\t# --option=value comes as three words.\n"
	"\tif [ \"$cur\" = = ]; then cur=\n"
	"\telif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n";

static void bash_value(
	FILE *out, const struct cli_program *p, enum cli_type type, const char *words)
{
	switch (type) {
	case CLI_WORD:
		(void)fprintf(out, "_platen_words '%s'", words);
		break;
	case CLI_VERB:
		(void)fputs("_platen_words '", out);
		put_verbs(out, p);
		(void)fputc('\'', out);
		break;
	case CLI_FILE:
		(void)fprintf(out, "_platen_files %s", words != NULL ? words : "");
		break;
	case CLI_FOLDER:
		(void)fputs(
			"compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- \"$cur\"))",
			out);
		break;
	case CLI_HOST:
		(void)fputs("COMPREPLY+=($(compgen -A hostname -- \"$cur\"))", out);
		break;
	default:
		(void)fputc(':', out);
		break;
	}
}

static void bash_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	(void)fprintf(out, "\t'%s')\n\t\tcase $prev in\n", v == p->only ? "" : v->name);
	for (size_t i = 0; i < count; i++) {
		const struct cli_option *o = options[i];
		if (o->type == CLI_FLAG || o->is_optional)
			continue;
		(void)fprintf(out, "\t\t--%s", o->name);
		if (o->letter != 0)
			(void)fprintf(out, "|-%c", o->letter);
		(void)fputs(") ", out);
		bash_value(out, p, o->type, o->words);
		(void)fputs("; return ;;\n", out);
	}
	(void)fputs("\t\tesac\n\t\tcase $cur in\n\t\t-*) _platen_words '", out);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "--%s ", options[i]->name);
	(void)fputs("--help' ;;\n\t\t*) ", out);
	bash_value(out, p, v->args != NULL ? v->arg_type : CLI_TEXT, v->arg_words);
	(void)fputs(" ;;\n\t\tesac ;;\n", out);
}

static void bash_second(FILE *out, const struct cli_verb *v, const char *second)
{
	(void)fprintf(out,
		"\tcase \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n\t'2 %.*s') _platen_words '%s'; "
		"return ;;\n\tesac\n"
		"\t[ \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" = '%s' ] && [ $COMP_CWORD -gt 2 ] && "
		"verb='%s'\n",
		(int)(second - v->name - 1), v->name, second, v->name, v->name);
}

static void put_bash(FILE *out, const struct cli_program *p)
{
	(void)fprintf(out, "# %s: completion for bash\n%s", p->name, bash_helpers);
	put_function(out, p);
	(void)fprintf(out, "() {\n%s", bash_start);
	if (p->verbs != NULL) {
		(void)fputs("\tif [ $COMP_CWORD -eq 1 ]; then _platen_words '", out);
		put_verbs(out, p);
		(void)fputs("--help --version'; return; fi\n\tverb=${COMP_WORDS[1]}\n", out);
		each_second(out, p, bash_second);
	}
	(void)fputs("\tcase $verb in\n", out);
	for (size_t i = 0; p->verbs != NULL && p->verbs[i] != NULL; i++)
		bash_verb(out, p, p->verbs[i]);
	if (p->verbs == NULL)
		bash_verb(out, p, p->only);
	(void)fputs("\tesac\n}\ncomplete -F ", out);
	put_function(out, p);
	(void)fprintf(out, " %s\n", p->name);
}

/* ---- zsh ---- */

static void zsh_value(FILE *out, const struct cli_program *p, enum cli_type type, const char *words)
{
	switch (type) {
	case CLI_WORD:
		(void)fprintf(out, "(%s)", words);
		break;
	case CLI_VERB:
		(void)fputc('(', out);
		put_verbs(out, p);
		(void)fputc(')', out);
		break;
	case CLI_FILE:
		(void)fputs("_files", out);
		if (words != NULL) {
			(void)fputs(" -g \"*(", out);
			for (; *words != '\0'; words++)
				(void)fputc(*words == ' ' ? '|' : *words, out);
			(void)fputs(")\"", out);
		}
		break;
	case CLI_FOLDER:
		(void)fputs("_files -/", out);
		break;
	case CLI_HOST:
		(void)fputs("_hosts", out);
		break;
	default:
		break;
	}
}

static void zsh_option(FILE *out, const struct cli_program *p, const struct cli_option *o)
{
	const char *more = o->type == CLI_FLAG ? "" : o->is_optional ? "=-" : "=";
	(void)fputs(" \\\n\t\t\t", out);
	if (o->letter != 0)
		(void)fprintf(out, "'(-%c --%s)%s'{-%c%s,--%s%s}'[", o->letter, o->name,
			o->is_repeated ? "*" : "", o->letter, o->type == CLI_FLAG ? "" : "+",
			o->name, more);
	else
		(void)fprintf(out, "'%s--%s%s[", o->is_repeated ? "*" : "", o->name, more);
	put_quoted(out, o->help, "[]:");
	(void)fputc(']', out);
	if (o->type != CLI_FLAG) {
		(void)fprintf(out, "%s", o->is_optional ? "::" : ":");
		put_quoted(out, o->value, ":");
		(void)fputc(':', out);
		zsh_value(out, p, o->type, o->words);
	}
	(void)fputc('\'', out);
}

static void zsh_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	(void)fprintf(out, "\t('%s') _arguments -s -S", v == p->only ? "" : v->name);
	for (size_t i = 0; i < count; i++)
		zsh_option(out, p, options[i]);
	(void)fputs(" \\\n\t\t\t'(-h --help)'{-h,--help}'[this page]'", out);
	if (v->args != NULL) {
		(void)fprintf(out, " \\\n\t\t\t'%s:", v->max_args == 1 ? "1" : "*");
		put_quoted(out, v->args, ":");
		(void)fputc(':', out);
		zsh_value(out, p, v->arg_type, v->arg_words);
		(void)fputc('\'', out);
	}
	(void)fputs(" ;;\n", out);
}

static void zsh_second(FILE *out, const struct cli_verb *v, const char *second)
{
	int first = (int)(second - v->name - 1);
	(void)fprintf(out,
		"\tif [[ $verb = %.*s ]]; then\n"
		"\t\tif (( CURRENT == 2 )); then\n"
		"\t\t\tcompadd -X '%s' %s; return\n"
		"\t\tfi\n"
		"\t\tif [[ $words[2] = %s ]]; then verb='%s'; shift words; (( CURRENT-- )); fi\n"
		"\tfi\n",
		first, v->name, v->summary, second, second, v->name);
}

static void put_zsh(FILE *out, const struct cli_program *p)
{
	(void)fprintf(out, "#compdef %s\n# %s: completion for zsh\n", p->name, p->name);
	put_function(out, p);
	(void)fputs("() {\n\tlocal verb=\n", out);
	if (p->verbs != NULL) {
		(void)fputs("\tlocal -a verbs\n\tverbs=(\n", out);
		for (size_t i = 0; p->verbs[i] != NULL; i++) {
			size_t n = first_word(p, i);
			if (n == 0)
				continue;
			(void)fprintf(out, "\t\t'%.*s:", (int)n, p->verbs[i]->name);
			put_quoted(out, p->verbs[i]->summary, ":");
			(void)fputs("'\n", out);
		}
		(void)fputs("\t)\n\tif (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
			    "\tverb=$words[2]\n\tshift words; (( CURRENT-- ))\n",
			out);
		each_second(out, p, zsh_second);
	}
	(void)fputs("\tcase $verb in\n", out);
	for (size_t i = 0; p->verbs != NULL && p->verbs[i] != NULL; i++)
		zsh_verb(out, p, p->verbs[i]);
	if (p->verbs == NULL)
		zsh_verb(out, p, p->only);
	(void)fputs("\tesac\n}\nif [[ $funcstack[1] = _* ]]; then ", out);
	put_function(out, p);
	(void)fputs(" \"$@\"; else compdef ", out);
	put_function(out, p);
	(void)fprintf(out, " %s; fi\n", p->name);
}

/* ---- fish ---- */

static void fish_value(
	FILE *out, const struct cli_program *p, enum cli_type type, const char *words)
{
	switch (type) {
	case CLI_WORD:
		(void)fprintf(out, " -a '%s'", words);
		break;
	case CLI_VERB:
		(void)fputs(" -a '", out);
		put_verbs(out, p);
		(void)fputc('\'', out);
		break;
	case CLI_FILE:
		if (words == NULL) {
			(void)fputs(" -F", out);
			break;
		}
		(void)fputs(" -k -a '(", out);
		for (; *words != '\0'; words += strspn(words, " ")) {
			size_t n = strcspn(words, " ");
			(void)fprintf(out, "__fish_complete_suffix %.*s;", (int)n, words);
			words += n;
		}
		(void)fputs(")'", out);
		break;
	case CLI_FOLDER:
		(void)fputs(" -a '(__fish_complete_directories)'", out);
		break;
	case CLI_HOST:
		(void)fputs(" -a '(__fish_print_hostnames)'", out);
		break;
	default:
		break;
	}
}

static void fish_start(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	(void)fprintf(out, "complete -c %s", p->name);
	if (v == p->only)
		return;
	(void)fputs(" -n '", out);
	const char *name = v->name;
	for (bool is_first = true; *name != '\0'; is_first = false) {
		size_t n = strcspn(name, " ");
		(void)fprintf(out, "%s__fish_seen_subcommand_from %.*s", is_first ? "" : "; and ",
			(int)n, name);
		name += n + (name[n] == ' ' ? 1 : 0);
	}
	(void)fputc('\'', out);
}

static void fish_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	for (size_t i = 0; i < count; i++) {
		const struct cli_option *o = options[i];
		fish_start(out, p, v);
		(void)fprintf(out, " -l %s", o->name);
		if (o->letter != 0)
			(void)fprintf(out, " -s %c", o->letter);
		if (o->type != CLI_FLAG && !o->is_optional)
			(void)fputs(o->type == CLI_FILE && o->words == NULL ? " -r" : " -x", out);
		fish_value(out, p, o->type, o->words);
		(void)fputs(" -d '", out);
		put_quoted(out, o->help, "\\");
		(void)fputs("'\n", out);
	}
	fish_start(out, p, v);
	(void)fputs(" -s h -l help -d 'this page'\n", out);
	if (v->args == NULL || v->arg_type == CLI_TEXT)
		return;
	fish_start(out, p, v);
	fish_value(out, p, v->arg_type, v->arg_words);
	(void)fputc('\n', out);
}

static void put_fish(FILE *out, const struct cli_program *p)
{
	(void)fprintf(out, "# %s: completion for fish\ncomplete -c %s -f\n", p->name, p->name);
	for (size_t i = 0; p->verbs != NULL && p->verbs[i] != NULL; i++) {
		const struct cli_verb *v = p->verbs[i];
		size_t n = first_word(p, i);
		const char *blank = strchr(v->name, ' ');
		if (n > 0) {
			(void)fprintf(out, "complete -c %s -n __fish_use_subcommand -a %.*s -d '",
				p->name, (int)n, v->name);
			put_quoted(out, v->summary, "\\");
			(void)fputs("'\n", out);
		}
		if (blank != NULL)
			(void)fprintf(out,
				"complete -c %s -n '__fish_seen_subcommand_from %.*s; and not "
				"__fish_seen_subcommand_from %s' -a %s\n",
				p->name, (int)strcspn(v->name, " "), v->name, blank + 1, blank + 1);
		fish_verb(out, p, v);
	}
	if (p->verbs == NULL)
		fish_verb(out, p, p->only);
}

void cli_complete(FILE *out, const struct cli_program *p, const char *shell)
{
	if (shell[0] == 'b')
		put_bash(out, p);
	else if (shell[0] == 'z')
		put_zsh(out, p);
	else
		put_fish(out, p);
}

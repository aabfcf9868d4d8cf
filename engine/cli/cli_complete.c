/* SPDX-License-Identifier: Apache-2.0
 * Completion: the scripts for bash, zsh and fish hand the words of the line to `PROGRAM --complete
 * WORD ...`, which prints one candidate a line, or the kind of name that the shell itself lists. */
#include "engine/cli/cli.h"

#include <string.h>

/* ---- candidates ---- */

struct completion {
	FILE *out;
	const struct cli_program *program;
	const char *cur; /* the word at the cursor, up to the cursor */
};

/* The word of `len` bytes, if it begins with the one at the cursor: "WORD\tHELP". */
static void offer(const struct completion *c, const char *word, size_t len, const char *help)
{
	size_t typed = strlen(c->cur);
	if (typed <= len && memcmp(word, c->cur, typed) == 0)
		(void)fprintf(c->out, "%.*s\t%s\n", (int)len, word, help);
}

/* Both begin with the same word of `len` bytes, and have a second one. */
static bool is_of_group(const struct cli_verb *v, const char *word, size_t len)
{
	return v != NULL && strncmp(v->name, word, len) == 0 && v->name[len] == ' ';
}

/* The first word of several verbs, once, with their second words: "audit\tshow, verify, export".
 * Returns the last of them. */
static const struct cli_verb *const *offer_group(
	const struct completion *c, const struct cli_verb *const *v, size_t len)
{
	const char *word = (*v)->name;
	char help[128];
	int n = snprintf(help, sizeof help, "%s", word + len + 1);
	while (is_of_group(v[1], word, len)) {
		v++;
		if (n > 0 && (size_t)n < sizeof help)
			n += snprintf(
				help + n, sizeof help - (size_t)n, ", %s", (*v)->name + len + 1);
	}
	offer(c, word, len, help);
	return v;
}

/* The first word of each verb, or the second one of those that begin with `first`. The verbs of a
 * group stand together in the table. */
static void offer_verbs(const struct completion *c, const char *first)
{
	for (const struct cli_verb *const *v = c->program->verbs; *v != NULL; v++) {
		const char *word = (*v)->name;
		size_t n = strcspn(word, " ");
		if (first == NULL && is_of_group(v[0], word, n) && is_of_group(v[1], word, n)) {
			v = offer_group(c, v, n);
			continue;
		}
		if (first != NULL) {
			if (word[n] == '\0' || strncmp(word, first, n) != 0 || first[n] != '\0')
				continue;
			word += n + 1;
			n = strlen(word);
		}
		offer(c, word, n, (*v)->summary);
	}
}

/* Offers the values that an option or an argument takes. A line that begins with ':' is for the
 * shell to fill in. */
static void offer_values(const struct completion *c, enum cli_type type, const char *words)
{
	switch (type) {
	case CLI_WORD:
		for (; *words != '\0'; words += strspn(words, " ")) {
			size_t n = strcspn(words, " ");
			offer(c, words, n, "");
			words += n;
		}
		break;
	case CLI_VERB:
		offer_verbs(c, NULL);
		break;
	case CLI_FILE:
		(void)fprintf(c->out, ":file %s\n", words != NULL ? words : "");
		break;
	case CLI_FOLDER:
		(void)fputs(":folder\n", c->out);
		break;
	case CLI_HOST:
		(void)fputs(":host\n", c->out);
		break;
	default:
		break;
	}
}

static void offer_option(const struct completion *c, const char *name, const char *help)
{
	char word[64];
	int n = snprintf(word, sizeof word, "--%s", name);
	if (n > 0 && (size_t)n < sizeof word)
		offer(c, word, (size_t)n, help);
}

static bool names(const struct cli_option *o, const char *word, size_t len)
{
	return word[0] == '-' &&
	       (len == 2 ? o->letter != 0 && word[1] == o->letter
			 : strncmp(word, "--", 2) == 0 && strlen(o->name) == len - 2 &&
				       memcmp(word + 2, o->name, len - 2) == 0);
}

/* `prev` of `len` bytes stands before the word at the cursor. */
static void offer_verb_words(
	const struct completion *c, const struct cli_verb *v, const char *prev, size_t len)
{
	const struct cli_option *options[CLI_OPTIONS_MAX];
	size_t count = cli_options(v, options);
	for (size_t i = 0; i < count; i++) {
		const struct cli_option *o = options[i];
		if (o->type != CLI_FLAG && !o->is_optional && names(o, prev, len)) {
			offer_values(c, o->type, o->words);
			return;
		}
	}
	if (c->cur[0] != '-') {
		offer_values(c, v->args != NULL ? v->arg_type : CLI_TEXT, v->arg_words);
		return;
	}
	for (size_t i = 0; i < count; i++)
		offer_option(c, options[i]->name, options[i]->help);
	offer_option(c, "help", "this page");
}

void cli_complete(FILE *out, const struct cli_program *p, const char *const *words, int count)
{
	struct completion c = {out, p, words[count - 1]};
	const char *prev = count > 1 ? words[count - 2] : "";
	int taken = 0;
	const struct cli_verb *v = p->only;
	if (p->verbs != NULL)
		v = count > 1 ? cli_find_verb(p, words, count - 1, &taken) : NULL;
	if (v == NULL) {
		if (count <= 2)
			offer_verbs(&c, count == 2 ? words[0] : NULL);
		if (count == 1) {
			offer_option(&c, "help", "the verbs");
			offer_option(&c, "version", "print the version");
		}
		return;
	}
	const char *equals = strncmp(c.cur, "--", 2) == 0 ? strchr(c.cur, '=') : NULL;
	size_t len = strlen(prev);
	if (equals != NULL) { /* --option=value in one word */
		prev = c.cur;
		len = (size_t)(equals - prev);
		c.cur = equals + 1;
	} else if (strcmp(c.cur, "=") == 0) { /* in three words, as bash splits it */
		c.cur = "";
	} else if (strcmp(prev, "=") == 0 && count > 2) {
		prev = words[count - 3];
		len = strlen(prev);
	}
	offer_verb_words(&c, v, prev, len);
}

/* ---- scripts: '%' stands for the program's name; a daemon's folder may be outside of PATH ---- */

static const char bash_script[] =
	"# %: completion for bash\n"
	"_%() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} word help file ending\n"
	"\t[ \"$cur\" != = ] || cur=\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS=$'\\t' read -r word help; do\n"
	"\t\tcase $word in\n"
	"\t\t:file*)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\twhile IFS= read -r file; do\n"
	"\t\t\t\tif [ -d \"$file\" ] || [ \"$word\" = ':file ' ]; then\n"
	"\t\t\t\t\tCOMPREPLY+=(\"$file\"); continue\n"
	"\t\t\t\tfi\n"
	"\t\t\t\tfor ending in ${word#:file}; do\n"
	"\t\t\t\t\tcase $file in *\"$ending\") COMPREPLY+=(\"$file\") ;; esac\n"
	"\t\t\t\tdone\n"
	"\t\t\tdone < <(compgen -f -- \"$cur\") ;;\n"
	"\t\t:folder)\n"
	"\t\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\t\twhile IFS= read -r file; do COMPREPLY+=(\"$file\"); done \\\n"
	"\t\t\t\t< <(compgen -d -- \"$cur\") ;;\n"
	"\t\t:host)\n"
	"\t\t\twhile IFS= read -r file; do COMPREPLY+=(\"$file\"); done \\\n"
	"\t\t\t\t< <(compgen -A hostname -- \"$cur\") ;;\n"
	"\t\t*) COMPREPLY+=(\"$word\") ;;\n"
	"\t\tesac\n"
	"\tdone < <(PATH=$PATH:/usr/local/sbin:/usr/sbin % --complete "
	"\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _% %\n";

static const char zsh_script[] =
	"#compdef %\n"
	"# %: completion for zsh\n"
	"_%() {\n"
	"\tlocal line found; local -a candidates\n"
	"\tfound=$(PATH=$PATH:/usr/local/sbin:/usr/sbin % --complete \"${(@)words[2,CURRENT-1]}\" "
	"\"$PREFIX\" 2>/dev/null)\n"
	"\t[[ $PREFIX != --*=* ]] || compset -P 1 '*='\n"
	"\tfor line in \"${(@f)found}\"; do\n"
	"\t\tcase $line in\n"
	"\t\t(':file ') _files ;;\n"
	"\t\t(:file*) _files -g \"*(${${line#:file }// /|})\" ;;\n"
	"\t\t(:folder) _files -/ ;;\n"
	"\t\t(:host) _hosts ;;\n"
	"\t\t(?*) candidates+=(\"${line/$'\\t'/:}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(( ! $#candidates )) || _describe % candidates\n"
	"}\n"
	"if [[ $funcstack[1] = _* ]]; then _% \"$@\"; else compdef _% %; fi\n";

static const char fish_script[] =
	"# %: completion for fish\n"
	"function __%_complete\n"
	"\tset -lx PATH $PATH /usr/local/sbin /usr/sbin\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -e words[1]\n"
	"\tset -l token (commandline -ct)\n"
	"\tset -l prefix (string match -r -- '^--[^=]*=' $token)\n"
	"\tfor line in (% --complete $words \"$token\" 2>/dev/null)\n"
	"\t\tswitch $line\n"
	"\t\tcase ':file *'\n"
	"\t\t\tfor ending in (string split -- ' ' (string sub -s 7 -- $line))\n"
	"\t\t\t\t__fish_complete_suffix \"$token\" $ending\n"
	"\t\t\tend\n"
	"\t\tcase :folder\n"
	"\t\t\t__fish_complete_directories \"$token\" ''\n"
	"\t\tcase :host\n"
	"\t\t\tstring join \\n -- \"$prefix\"(__fish_print_hostnames)\n"
	"\t\tcase '*'\n"
	"\t\t\techo \"$prefix$line\"\n"
	"\t\tend\n"
	"\tend\n"
	"end\n"
	"complete -c % -f -k -a '(__%_complete)'\n";

void cli_completion_script(FILE *out, const struct cli_program *p, const char *shell)
{
	const char *text = shell[0] == 'b'   ? bash_script
			   : shell[0] == 'z' ? zsh_script
					     : fish_script;
	for (; *text != '\0'; text++) {
		if (*text == '%')
			(void)fputs(p->name, out);
		else
			(void)fputc(*text, out);
	}
}

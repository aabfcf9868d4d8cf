/* SPDX-License-Identifier: Apache-2.0
 * From the program's arguments to its verb; messages and exit codes. */
#include "engine/cli/cli.h"

#include "proto/text/escape.h"

#include "proto/base/closest.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { VERBS_MAX = 32 };

/* ---- messages ---- */

int cli_exit_of(int err)
{
	switch (err) {
	case ERR_USAGE:
		return CLI_USAGE;
	case ERR_CONF:
		return CLI_CONFIG;
	case -EACCES:
	case -EPERM:
	case ERR_FORBIDDEN:
	case ERR_AUTH:
	case ERR_SNMP_USER:
	case ERR_SNMP_DIGEST:
	case ERR_SNMP_CIPHER:
	case ERR_SNMP_LEVEL:
		return CLI_PERMISSION;
	default:
		return err >= 0 ? CLI_OK : err_passes(err) ? CLI_TEMPORARY : CLI_FAILED;
	}
}

/* The verb's name, or NULL before it is known and in a program without verbs. */
static const char *verb_of(const struct cli *cli)
{
	return cli->verb != NULL && cli->verb != cli->program->only ? cli->verb->name : NULL;
}

/* Whether all output so far is on stdout; the first time that it is not, one line says so. */
static bool is_output_whole(const struct cli *cli)
{
	static bool is_reported;
	int before = errno;
	errno = 0;
	bool is_whole = fflush(stdout) == 0 && ferror(stdout) == 0;
	int err = errno > 0 ? errno : before;
	if (!is_whole && !is_reported)
		(void)fprintf(stderr, "%s: standard output: %s\n", cli->program->name,
			err_text(err > 0 ? -err : -EIO));
	is_reported |= !is_whole;
	errno = before;
	return is_whole;
}

PRINTF_LIKE(3, 0)
static void say(const struct cli *cli, bool has_verb, const char *fmt, va_list ap)
{
	char text[1024];
	(void)vsnprintf(text, sizeof text, fmt, ap);
	/* Behind lost output, an error is that one: no file or folder is to blame. */
	if (!is_output_whole(cli))
		return;
	const char *verb = has_verb ? verb_of(cli) : NULL;
	struct writer w;
	writer_open_file(&w, stderr);
	writer_printf(&w, "%s%s%s: ", cli->program->name, verb != NULL ? " " : "",
		verb != NULL ? verb : "");
	writer_shown(&w, text_of(text)); /* words of the command line or of a peer, perhaps */
	writer_char(&w, '\n');
	if (writer_close(&w) < 0)
		return; /* there is no other place to report it */
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	const char *verb = verb_of(cli);
	va_start(ap, fmt);
	say(cli, true, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "Try: %s %s%s--help\n", cli->program->name, verb != NULL ? verb : "",
		verb != NULL ? " " : "");
	return CLI_USAGE;
}

void cli_error(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(cli, false, fmt, ap);
	va_end(ap);
}

int cli_fail(const struct cli *cli, int err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say(cli, false, fmt, ap);
	va_end(ap);
	return cli_exit_of(err);
}

int cli_finish(const struct cli *cli)
{
	return is_output_whole(cli) ? CLI_OK : CLI_FAILED;
}

int cli_finish_state(
	const struct cli *cli, int err, const char *dir, const char *why, const char *first)
{
	if (err >= 0)
		return cli_finish(cli);
	if (err == -ENOENT)
		return cli_fail(cli, err, "%s: %s", dir, first);
	return cli_fail(cli, err, "%s: %s", dir, why[0] != '\0' ? why : err_text(err));
}

uint64_t cli_wall_ms(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- verbs ---- */

/* Whether `name` begins with the word and more follows: "user add" with "user". */
static bool begins_with(const char *name, const char *word)
{
	size_t n = strlen(word);
	return strncmp(name, word, n) == 0 && name[n] == ' ';
}

const struct cli_verb *cli_find_verb(
	const struct cli_program *p, const char *const *words, int count, int *ret_taken)
{
	for (const struct cli_verb *const *v = p->verbs; *v != NULL; v++) {
		bool is_two = count > 1 && begins_with((*v)->name, words[0]) &&
			      strcmp(strchr((*v)->name, ' ') + 1, words[1]) == 0;
		if (!is_two && strcmp((*v)->name, words[0]) != 0)
			continue;
		*ret_taken = is_two ? 2 : 1;
		return *v;
	}
	return NULL;
}

/* `user --help`: each verb that begins with the word. */
static bool help_group(const struct cli_program *p, const char *word)
{
	bool is_any = false;
	for (const struct cli_verb *const *v = p->verbs; *v != NULL; v++) {
		if (!begins_with((*v)->name, word))
			continue;
		if (is_any)
			(void)putchar('\n');
		cli_help_verb(stdout, p, *v);
		is_any = true;
	}
	return is_any;
}

static int no_such_verb(const struct cli *cli, const char *const *words, int count)
{
	const char *names[VERBS_MAX];
	size_t n = 0;
	for (const struct cli_verb *const *v = cli->program->verbs; *v != NULL; v++) {
		if (begins_with((*v)->name, words[0]))
			return count > 1 ? cli_usage(cli, "unknown verb %.32s %.32s", words[0],
						   words[1])
					 : cli_usage(cli,
						   "%.32s needs a second word, for example: %s",
						   words[0], (*v)->name);
		if (n < VERBS_MAX)
			names[n++] = (*v)->name;
	}
	const char *near = closest_word(words[0], strnlen(words[0], 64), names, n);
	return cli_usage(cli, "unknown verb %.64s%s%s%s", words[0],
		near != NULL ? "; did you mean " : "", near != NULL ? near : "",
		near != NULL ? "?" : "");
}

static int run_help(const struct cli *cli)
{
	const struct cli_program *p = cli->program;
	int taken;
	if (cli_has(cli, "json")) {
		cli_help_json(stdout, p);
	} else if (cli->arg_count == 0) {
		cli_help_program(stdout, p);
	} else {
		int count = (int)cli->arg_count;
		const struct cli_verb *v = cli_find_verb(p, cli->args, count, &taken);
		if (v != NULL)
			cli_help_verb(stdout, p, v);
		else if (count != 1 || !help_group(p, cli->args[0]))
			return no_such_verb(&(struct cli){.program = p}, cli->args, count);
	}
	return cli_finish(cli);
}

static int run_version(const struct cli *cli)
{
	(void)printf(cli_has(cli, "json") ? "{\"program\":\"%s\",\"version\":\"%s\"}\n" : "%s %s\n",
		cli->program->name, PLATEN_VERSION);
	return cli_finish(cli);
}

#define SHELLS "bash zsh fish"

static int run_completion(const struct cli *cli)
{
	const char *shell = cli->args[0];
	if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0 && strcmp(shell, "fish") != 0)
		return cli_usage(cli, "SHELL is bash, zsh or fish, not %.32s", shell);
	cli_completion_script(stdout, cli->program, shell);
	return cli_finish(cli);
}

const struct cli_option cli_option_json[] = {
	CLI_OPTION("json", 'j', .help = "JSON instead of text"), {.name = NULL}};

const struct cli_verb cli_verb_help = {.name = "help",
	.args = "[VERB]",
	.arg_type = CLI_VERB,
	.max_args = 2,
	.summary = "show the verbs, or the options of one",
	.details = "With --json, every verb and option of the program, for other programs.",
	.options = {cli_option_json},
	.run = run_help};

const struct cli_verb cli_verb_version = {.name = "version",
	.summary = "print the version",
	.options = {cli_option_json},
	.run = run_version};

const struct cli_verb cli_verb_completion = {.name = "completion",
	.args = "SHELL",
	.arg_type = CLI_WORD,
	.arg_words = SHELLS,
	.min_args = 1,
	.max_args = 1,
	.summary = "print the completion script for a shell",
	.details = "SHELL is bash, zsh or fish. Try it with: source <(platen completion bash)",
	.run = run_completion};

/* ---- main ---- */

/* LeakSanitizer traces its own process when that ends: without the flag only root's can. */
static bool may_set_dumpable(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return geteuid() == 0;
#elif defined(__has_feature)
	return !__has_feature(address_sanitizer) || geteuid() == 0;
#else
	return true;
#endif
}

/* Passphrases and keys are in this process's memory: no core file of it is left on a disk or given
 * to a collector of cores, whatever limit is set for it later, and no other process of this user
 * can read that memory (PR_SET_DUMPABLE in prctl(2)). The limit keeps the kernel from starting a
 * collector at all: it writes none below a page, and pipes none at a limit of 1 byte (core(5)). */
static void leave_no_core(void)
{
	struct rlimit limit;
	if (may_set_dumpable())
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* 0 is always accepted */
	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < 1 ? 0 : 1;
	(void)setrlimit(RLIMIT_CORE, &limit); /* below the hard one: cannot fail */
}

static int run_verb(struct cli *cli, const struct cli_verb *v, int argc, char **argv)
{
	bool is_help = false;
	int code = cli_parse(cli, v, argc, argv, &is_help);
	if (code != CLI_OK)
		return v->usage_code != 0 ? v->usage_code : code;
	if (!is_help) {
		code = v->run(cli);
		return is_output_whole(cli) ? code : CLI_FAILED;
	}
	cli_help_verb(stdout, cli->program, v);
	return cli_finish(cli);
}

/* A program without verbs has these three as options. */
static int run_only(struct cli *cli, int argc, char **argv)
{
	const char *first = argv[1];
	cli->verb = NULL;
	if (strcmp(first, "--version") == 0 && argc == 2)
		return run_version(cli);
	if (strcmp(first, "--help-json") == 0 && argc == 2) {
		cli_help_json(stdout, cli->program);
		return cli_finish(cli);
	}
	if (strcmp(first, "--completion") == 0 && argc == 3) {
		cli->args[0] = argv[2];
		return run_completion(cli);
	}
	return run_verb(cli, cli->program->only, argc, argv);
}

int cli_main(const struct cli_program *p, int argc, char **argv)
{
	struct cli cli = {.program = p};
	int taken = 0;
	if (p->conf != NULL)
		leave_no_core();
	if (argc < 2) {
		cli_help_program(stderr, p);
		return CLI_USAGE;
	}
	const char *const *words = (const char *const *)argv + 1;
	if (argc > 2 && strcmp(words[0], "--complete") == 0) {
		cli_complete(stdout, p, words + 1, argc - 2);
		return cli_finish(&cli);
	}
	if (p->verbs == NULL)
		return run_only(&cli, argc, argv);
	bool is_alone = argc == 2;
	if (is_alone && strcmp(words[0], "--version") == 0)
		return run_version(&cli);
	if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
		cli_help_program(stdout, p);
		return cli_finish(&cli);
	}
	if (words[0][0] == '-')
		return cli_usage(&cli, "a verb comes first, not %.64s", words[0]);
	const struct cli_verb *v = cli_find_verb(p, words, argc - 1, &taken);
	if (v != NULL)
		return run_verb(&cli, v, argc - taken, argv + taken);
	bool asks_help =
		argc == 3 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0);
	if (asks_help && help_group(p, words[0]))
		return cli_finish(&cli);
	return no_such_verb(&cli, words, argc - 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/init_input.h"

#include "engine/loop/crypto.h"
#include "proto/base/err.h"
#include "proto/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

const struct cli_option init_options[] = {
	CLI_OPTION("range", 'r', .type = CLI_TEXT, .value = "RANGE", .is_repeated = true,
		.help = "addresses of printers: 10.1.4.0/24, FIRST-LAST, one address or a name"),
	CLI_OPTION("site", 's', .type = CLI_TEXT, .value = "NAME", .help = "the name of this site"),
	CLI_OPTION("community-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a file with the community of SNMPv2c, if it is not public"),
	CLI_OPTION("interval", 0, .type = CLI_DURATION, .value = "DURATION", .min = 1000,
		.max = 604800000, .preset = "1h", .help = "from one poll of a printer to the next"),
	CLI_OPTION("hub", 'u', .type = CLI_TEXT, .value = "URL",
		.help = "https://HOST:PORT/ of the hub; without it nothing is sent"),
	CLI_OPTION("user", 0, .type = CLI_TEXT, .value = "NAME", .help = "the account at the hub"),
	CLI_OPTION("password-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a file with the secret of that account; - reads it from standard input"),
	CLI_OPTION("ca-file", 0, .type = CLI_FILE, .value = "FILE", .words = ".pem .crt",
		.help = "the authority of the hub's certificate, if the system has it not"),
	CLI_OPTION("at", 'a', .type = CLI_TEXT, .value = "TIME", .is_repeated = true,
		.help = "time of the daily sync, 13:30, or a span, 22:00-05:00; without it a "
			"minute of this agent's own"),
	CLI_OPTION("timezone", 0, .type = CLI_TEXT, .value = "NAME",
		.help = "the time zone of --at, such as Europe/Paris; without it this machine's"),
	CLI_OPTION("state-dir", 0, .type = CLI_FOLDER, .value = "DIR", .preset = "/var/lib/platen",
		.help = "where the agent keeps its data"),
	CLI_OPTION("force", 0, .help = "write over files that exist"), {.name = NULL}};

/* ---- from the options ---- */

static int copy(const struct cli *cli, const char *option, char *dst, size_t cap)
{
	const char *value = cli_value(cli, option);
	if (value == NULL)
		return CLI_OK;
	if (str_copy(dst, cap, value) < strlen(value))
		return cli_usage(cli, "--%s is too long", option);
	for (const char *p = dst; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return cli_usage(cli, "--%s holds a control character", option);
	}
	return CLI_OK;
}

/* The values of a repeated option, with commas between. */
static int join(const struct cli *cli, const char *option, char *dst, size_t cap)
{
	const char *value;
	size_t at = 0, len = 0;
	while ((value = cli_next(cli, option, &at)) != NULL) {
		int n = snprintf(dst + len, cap - len, "%s%s", len > 0 ? "," : "", value);
		if (n < 0 || (size_t)n >= cap - len)
			return cli_usage(cli, "--%s: too many values", option);
		len += (size_t)n;
	}
	return CLI_OK;
}

static int read_options(struct init_input *in, const struct cli *cli)
{
	const struct {
		const char *option;
		char *dst;
		size_t cap;
	} texts[] = {{"site", in->site, sizeof in->site}, {"hub", in->hub, sizeof in->hub},
		{"user", in->user, sizeof in->user},
		{"password-file", in->password_file, sizeof in->password_file},
		{"ca-file", in->ca_file, sizeof in->ca_file},
		{"community-file", in->community_file, sizeof in->community_file},
		{"interval", in->interval, sizeof in->interval},
		{"timezone", in->timezone, sizeof in->timezone},
		{"state-dir", in->state_dir, sizeof in->state_dir}};
	int code = CLI_OK;
	for (size_t i = 0; code == CLI_OK && i < sizeof texts / sizeof texts[0]; i++)
		code = copy(cli, texts[i].option, texts[i].dst, texts[i].cap);
	if (code == CLI_OK)
		code = join(cli, "range", in->ranges, sizeof in->ranges);
	return code == CLI_OK ? join(cli, "at", in->at, sizeof in->at) : code;
}

/* The loader takes a relative path from the folder of the configuration; what is given here is
 * meant from the working directory. */
static int make_absolute(const struct cli *cli, char path[PATH_MAX])
{
	char folder[PATH_MAX], given[PATH_MAX];
	if (path[0] == '\0' || path[0] == '/')
		return CLI_OK;
	(void)str_copy(given, sizeof given, path);
	if (getcwd(folder, sizeof folder) == NULL)
		return cli_fail(cli, -errno, "the working directory: %s", err_text(-errno));
	int n = snprintf(path, PATH_MAX, "%s/%s", folder, given);
	return n < 0 || n >= PATH_MAX ? cli_usage(cli, "%s: the path is too long", given) : CLI_OK;
}

static int make_all_absolute(struct init_input *in, const struct cli *cli)
{
	char *paths[] = {in->state_dir, in->community_file, in->password_file, in->ca_file};
	int code = CLI_OK;
	for (size_t i = 0; code == CLI_OK && i < sizeof paths / sizeof paths[0]; i++)
		code = make_absolute(cli, paths[i]);
	return code;
}

/* ---- from the terminal ---- */

enum { CONTROL_C = 3 };

/* One line without its end; -errno, ERR_CLOSED at the end of the input, ERR_LIMIT, ERR_STOPPED. */
static int read_line(char *dst, size_t cap)
{
	size_t len = 0;
	for (;;) {
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 && len == 0)
			return ERR_CLOSED;
		if (n == 0 || c == '\n' || c == '\r')
			break;
		if (c == CONTROL_C)
			return ERR_STOPPED;
		if ((unsigned char)c < ' ' || c == 0x7f)
			return ERR_FORMAT;
		if (len + 1 == cap)
			return ERR_LIMIT;
		dst[len++] = c;
	}
	dst[len] = '\0';
	return 0;
}

static int failed(const struct cli *cli, int err)
{
	if (err == ERR_CLOSED)
		return cli_fail(cli, -EIO, "standard input has ended; nothing was written");
	return cli_fail(cli, err, "standard input: %s; nothing was written", err_text(err));
}

/* Leaves `dst` as it is if an option gave it. */
static int ask(const struct cli *cli, const char *question, char *dst, size_t cap)
{
	if (dst[0] != '\0')
		return CLI_OK;
	(void)fprintf(stderr, "%s: ", question);
	int err = read_line(dst, cap);
	return err < 0 ? failed(cli, err) : CLI_OK;
}

/* Not shown while it is typed. Control-C is read as a character meanwhile, so that the terminal is
 * always set back. */
static int read_hidden(struct secret *s, const char *question)
{
	struct termios before, hidden;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (is_terminal && tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0)
		return -errno;
	/* Now: what is typed before the setting is dropped by it. */
	(void)fputs(question, stderr);
	int err = read_line(s->bytes, sizeof s->bytes - 1);
	if (is_terminal && tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) < 0 && err == 0)
		err = -errno;
	if (err == 0) {
		s->len = strlen(s->bytes);
		s->bytes[s->len++] = '\n';
		s->bytes[s->len] = '\0';
	}
	return err == 0 && s->len == 1 ? ERR_FORMAT : err;
}

static int ask_secret(struct init_input *in, const struct cli *cli, const char *file)
{
	const char *slash = strrchr(file, '/');
	int len = slash == NULL ? 0 : (int)(slash - file) + 1;
	bool is_asked = in->password_file[0] == '\0';
	int err = read_hidden(&in->secret, is_asked ? "Its secret (not shown): " : "");
	if (is_asked)
		(void)fputc('\n', stderr);
	if (err < 0)
		return failed(cli, err);
	int n = snprintf(in->password_file, sizeof in->password_file, "%.*shub.secret", len, file);
	return n < 0 || (size_t)n >= sizeof in->password_file
		       ? cli_usage(cli, "--config: the path is too long")
		       : CLI_OK;
}

static int ask_hub(struct init_input *in, const struct cli *cli)
{
	int code = ask(cli, "URL of the hub, https://HOST:PORT/ (empty: none, nothing is sent)",
		in->hub, sizeof in->hub);
	if (code != CLI_OK || in->hub[0] == '\0')
		return code;
	code = ask(cli, "Account at the hub", in->user, sizeof in->user);
	if (code == CLI_OK)
		code = ask(cli, "Authority of its certificate, a PEM file (empty: the system's)",
			in->ca_file, sizeof in->ca_file);
	if (code == CLI_OK)
		code = ask(cli,
			"Time of the daily sync, 13:30 or 22:00-05:00 (empty: a minute of this "
			"agent's own)",
			in->at, sizeof in->at);
	if (code == CLI_OK && in->at[0] != '\0')
		code = ask(cli, "Its time zone, such as Europe/Paris (empty: this machine's)",
			in->timezone, sizeof in->timezone);
	return code;
}

static int ask_all(struct init_input *in, const struct cli *cli)
{
	int code = ask(cli, "Name of this site", in->site, sizeof in->site);
	if (code == CLI_OK)
		code = ask(cli, "Addresses of printers, such as 10.1.4.0/24, 10.1.5.10-10.1.5.20",
			in->ranges, sizeof in->ranges);
	return code == CLI_OK ? ask_hub(in, cli) : code;
}

static int check_hub(
	struct init_input *in, const struct cli *cli, const char *file, bool is_terminal)
{
	if (in->hub[0] == '\0')
		return in->user[0] == '\0' && in->password_file[0] == '\0' && in->ca_file[0] == '\0'
			       ? CLI_OK
			       : cli_usage(cli, "--user, --password-file and --ca-file need --hub");
	if (in->user[0] == '\0')
		return cli_usage(cli, "--hub needs --user, the account there");
	if (strcmp(in->password_file, "-") == 0 || (in->password_file[0] == '\0' && is_terminal))
		return ask_secret(in, cli, file);
	return in->password_file[0] != '\0'
		       ? CLI_OK
		       : cli_usage(cli, "--hub needs --password-file, or a terminal to ask for the "
					"secret");
}

int init_input_read(struct init_input *in, const struct cli *cli, const char *file)
{
	memset(in, 0, sizeof *in);
	int code = read_options(in, cli);
	bool is_terminal = isatty(STDIN_FILENO) == 1;
	if (code == CLI_OK && is_terminal)
		code = ask_all(in, cli);
	if (code != CLI_OK)
		return code;
	if (in->ranges[0] == '\0')
		return cli_usage(cli, "--range is needed: the addresses of the printers");
	code = check_hub(in, cli, file, is_terminal);
	return code == CLI_OK ? make_all_absolute(in, cli) : code;
}

void init_input_wipe(struct init_input *in)
{
	secret_wipe(&in->secret);
}

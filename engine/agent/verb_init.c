/* SPDX-License-Identifier: Apache-2.0
 * platen init: writes a first configuration from options, and from answers on a terminal. The file
 * gets its name only after the loader has accepted it. */
#include "engine/agent/init_input.h"
#include "engine/agent/verbs.h"
#include "engine/loop/file.h"
#include "proto/base/str.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the text ---- */

/* A scalar of YAML in double quotes; the input holds no control character. */
static void put_quoted(struct writer *w, const char *value, size_t len)
{
	writer_char(w, '"');
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '"' || value[i] == '\\')
			writer_char(w, '\\');
		writer_char(w, value[i]);
	}
	writer_char(w, '"');
}

static void put_key(struct writer *w, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	writer_printf(w, "%s: ", key);
	put_quoted(w, value, strlen(value));
	writer_char(w, '\n');
}

/* Calls `put` for each item of a list that is separated by commas. */
static void each_item(struct writer *w, const char *list,
	void (*put)(struct writer *w, const char *item, size_t len, const struct init_input *in),
	const struct init_input *in)
{
	struct text item;
	while (text_take_entry(&list, &item)) {
		if (item.len > 0)
			put(w, item.p, item.len, in);
	}
}

static void put_range(struct writer *w, const char *item, size_t len, const struct init_input *in)
{
	writer_str(w, "    - range: ");
	put_quoted(w, item, len);
	writer_str(w, in->community_file[0] != '\0' ? "\n      credential: site\n" : "\n");
}

static void put_time(struct writer *w, const char *item, size_t len, const struct init_input *in)
{
	(void)in;
	writer_str(w, "    - ");
	put_quoted(w, item, len);
	writer_char(w, '\n');
}

static void put_conf(struct writer *w, const struct init_input *in)
{
	writer_str(w, "# Made by platen init. All keys: platen sample-config\n");
	put_key(w, "state_dir", in->state_dir);
	put_key(w, "site", in->site);
	if (in->community_file[0] != '\0') {
		writer_str(w, "snmp:\n  credentials:\n    - name: site\n      version: 2c\n");
		put_key(w, "      community_file", in->community_file);
	}
	writer_printf(w, "devices:\n  interval: %s\n  targets:\n", in->interval);
	each_item(w, in->ranges, put_range, in);
	if (in->hub[0] != '\0') {
		writer_str(w, "hub:\n");
		put_key(w, "  url", in->hub);
		put_key(w, "  user", in->user);
		put_key(w, "  password_file", in->password_file);
		put_key(w, "  ca_file", in->ca_file);
	}
	if (in->at[0] == '\0' && in->timezone[0] == '\0')
		return;
	writer_str(w, "sync:\n");
	if (in->at[0] != '\0') {
		writer_str(w, "  at:\n");
		each_item(w, in->at, put_time, in);
	}
	put_key(w, "  timezone", in->timezone);
}

/* ---- the files ---- */

static bool exists(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/* Not a folder, a link or a device, which --force must not replace either. */
static bool is_replaceable(const char *path)
{
	struct stat st;
	return lstat(path, &st) < 0 || S_ISREG(st.st_mode);
}

/* Root makes the files for the daemon's group; another user for itself. */
static int set_mode(const char *path)
{
	const struct group *group = geteuid() == 0 ? getgrnam("platen") : NULL;
	if (group == NULL)
		return 0; /* 0600, as it was made */
	return chown(path, 0, group->gr_gid) < 0 || chmod(path, 0640) < 0 ? -errno : 0;
}

static int write_one(const struct cli *cli, const char *path, const void *bytes, size_t len)
{
	int err = file_replace(path, bytes, len);
	if (err == 0)
		err = set_mode(path);
	return err < 0 ? cli_fail(cli, err, "%s: %s", path, err_text(err)) : CLI_OK;
}

/* Asks the loader; the file stands beside the final one, so that relative paths and conf.d are the
 * same. */
static int check(const struct cli *cli, const char *path, char *schedule, size_t schedule_cap)
{
	struct agent_conf conf;
	struct conf_error why;
	struct buf b;
	struct writer w;
	if (agent_conf_load(&conf, path, &why) < 0) {
		(void)fprintf(stderr, "%s\n", why.text);
		return cli_fail(cli, ERR_CONF, "nothing was written: these values do not fit");
	}
	buf_over(&b, (uint8_t *)schedule, schedule_cap - 1);
	writer_open(&w, &b);
	agent_conf_put_schedule(&w, &conf);
	schedule[writer_close(&w) < 0 ? 0 : b.len] = '\0';
	agent_conf_free(&conf);
	return CLI_OK;
}

/* The new configuration as FILE.new: CLI_OK if the loader accepts it. */
static int try_conf(const struct cli *cli, const struct init_input *in, const char *path,
	char schedule[LIMIT_SCHEDULE])
{
	struct buf b;
	struct writer w;
	buf_open(&b, LIMIT_CONF_BYTES);
	writer_open(&w, &b);
	put_conf(&w, in);
	int err = writer_close(&w);
	int code = err < 0 ? cli_fail(cli, err, "the configuration: %s", err_text(err))
			   : write_one(cli, path, b.data, b.len);
	buf_close(&b);
	if (code == CLI_OK)
		code = check(cli, path, schedule, LIMIT_SCHEDULE);
	return code;
}

static int write_all(const struct cli *cli, struct init_input *in, const char *file)
{
	char path[PATH_MAX], schedule[LIMIT_SCHEDULE] = "";
	int n = snprintf(path, sizeof path, "%s.try", file);
	if (n < 0 || (size_t)n >= sizeof path)
		return cli_usage(cli, "--config: the path is too long");
	bool has_secret = in->secret.len > 0;
	bool had_secret = has_secret && exists(in->password_file);
	if (had_secret && !is_replaceable(in->password_file))
		return cli_fail(cli, -EEXIST, "%s is not a regular file", in->password_file);
	if (had_secret && !cli_has(cli, "force"))
		return cli_fail(
			cli, -EEXIST, "%s exists: --force writes over it", in->password_file);
	int code = has_secret ? write_one(cli, in->password_file, in->secret.bytes, in->secret.len)
			      : CLI_OK;
	if (code == CLI_OK)
		code = try_conf(cli, in, path, schedule);
	if (code == CLI_OK && rename(path, file) < 0)
		code = cli_fail(cli, -errno, "%s: %s", file, err_text(-errno));
	if (code != CLI_OK) {
		(void)unlink(path);
		if (has_secret && !had_secret)
			(void)unlink(in->password_file);
		return code;
	}
	(void)printf("%s: written\n", file);
	if (has_secret)
		(void)printf("%s: written, the secret of %s\n", in->password_file, in->user);
	if (in->hub[0] != '\0')
		(void)printf("syncs: %s\n", schedule);
	else
		(void)printf("no hub: nothing is sent\n");
	(void)printf("next: platen once --config %s\n", file);
	return cli_finish(cli);
}

static int run(const struct cli *cli)
{
	static struct init_input in; /* texts of 4 KiB */
	const char *file = conf_file_of(cli);
	if (!is_replaceable(file))
		return cli_fail(cli, -EEXIST, "%s is not a regular file", file);
	if (exists(file) && !cli_has(cli, "force"))
		return cli_fail(cli, -EEXIST, "%s exists: --force writes over it", file);
	int code = init_input_read(&in, cli, file);
	if (code == CLI_OK)
		code = write_all(cli, &in, file);
	init_input_wipe(&in);
	return code;
}

const struct cli_verb agent_verb_init = {.name = "init",
	.summary = "make a first configuration",
	.details =
		"Asks on a terminal for what no option gives; elsewhere the options must suffice: "
		"at least --range. The file is written only if check-config accepts it, and never "
		"over another one without --force. Files have mode 0600, or 0640 and the group "
		"platen if root makes them and there is such a group. A secret that is typed in, "
		"or read from standard input with --password-file -, is kept in the file "
		"hub.secret beside the configuration.",
	.options = {init_options, conf_option_config},
	.run = run};

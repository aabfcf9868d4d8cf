/* SPDX-License-Identifier: Apache-2.0
 * What both programs do with their configuration. */
#include "engine/cli/cli.h"

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/document/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct cli_option cli_config_options[] = {
	CLI_OPTION_CONFIG, {"json", 'j', NULL, "one JSON object instead of words"}, {0}};

int cli_conf_refused(const struct cli *cli, const struct conf_error *why)
{
	(void)fprintf(stderr, "%s\n", why->text);
	/* The first thing that a new user meets. */
	if (access(cli_config_file(cli), F_OK) < 0 && errno == ENOENT)
		(void)fprintf(stderr,
			"Make one with: %s sample-config > platen.yaml, and name it: --config "
			"platen.yaml\n",
			cli->program->name);
	return CLI_CONFIG;
}

static int put_messages(struct buf *b, const char *messages)
{
	int err = 0;
	for (const char *p = messages; *p != '\0' && err == 0;) {
		size_t n = strcspn(p, "\n");
		err = p > messages ? buf_put_text(b, ",") : 0;
		if (err == 0)
			err = json_put_text(b, (struct text){p, n});
		p += n + (p[n] == '\n' ? 1 : 0);
	}
	return err;
}

static int print_json(const struct cli *cli, const char *messages, const char *facts)
{
	struct buf b;
	buf_open(&b, LIMIT_STATUS_BYTES);
	int err = buf_printf(
		&b, "{\"ok\":%s,%s\"messages\":[", messages[0] == '\0' ? "true" : "false", facts);
	if (err == 0)
		err = put_messages(&b, messages);
	if (err == 0)
		err = buf_put_text(&b, "]}\n");
	if (err == 0)
		(void)fwrite(b.data, 1, b.len, stdout);
	buf_close(&b);
	if (err < 0) {
		cli_error(cli, "%s", err_text(err));
		return CLI_FAILED;
	}
	return cli_finish(cli);
}

int cli_checked(
	const struct cli *cli, const struct conf_error *why, const char *facts, const char *note)
{
	bool is_good = why->text[0] == '\0';
	int code = CLI_OK;
	if (cli_has(cli, "json"))
		code = print_json(cli, why->text, facts);
	else if (is_good)
		(void)printf("%s: ok%s\n", cli_config_file(cli), note);
	else
		(void)cli_conf_refused(cli, why);
	if (!is_good)
		return CLI_FAILED;
	return code == CLI_OK ? cli_finish(cli) : code;
}

uint64_t cli_wall_ms(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* SPDX-License-Identifier: Apache-2.0
 * What both programs do with their configuration. */
#include "engine/cli/cli.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

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

static void print_json(const char *messages, const struct cli_fact *facts)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_bool(&w, "ok", messages[0] == '\0');
	for (; facts != NULL && facts->name != NULL; facts++)
		jw_uint(&w, facts->name, facts->value);
	jw_array(&w, "messages");
	for (const char *p = messages; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		jw_text(&w, NULL, (struct text){p, n});
		p += n + (p[n] == '\n' ? 1 : 0);
	}
	jw_end(&w);
	jw_end(&w);
	writer_char(&w, '\n');
	int err = writer_close(&w);
	(void)err; /* cli_finish reads the stream's error */
}

int cli_checked(const struct cli *cli, const struct conf_error *why, const struct cli_fact *facts,
	const char *note)
{
	bool is_good = why->text[0] == '\0';
	if (cli_has(cli, "json"))
		print_json(why->text, facts);
	else if (is_good)
		(void)printf("%s: ok%s\n", cli_config_file(cli), note);
	else
		(void)cli_conf_refused(cli, why);
	int code = cli_finish(cli);
	return is_good ? code : CLI_FAILED;
}

uint64_t cli_wall_ms(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

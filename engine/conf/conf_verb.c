/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/conf_verb.h"

#include "engine/loop/expiry.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

const struct cli_option conf_option_config[] = {
	CLI_OPTION("config", 'c', .type = CLI_FILE, .value = "FILE", .words = ".yaml .yml",
		.help = "the configuration, instead of the usual file"),
	{.name = NULL}};

const char *conf_file_of(const struct cli *cli)
{
	const char *file = cli_value(cli, "config");
	return file != NULL ? file : cli->program->conf->file;
}

int conf_refused(const struct cli *cli, const struct conf_error *why)
{
	const char *usual = strrchr(cli->program->conf->file, '/') + 1;
	(void)fprintf(stderr, "%s\n", why->text);
	/* The first message that a new user meets. */
	if (access(conf_file_of(cli), F_OK) < 0 && errno == ENOENT)
		(void)fprintf(stderr,
			"Make one with: %s sample-config > %s, and name it: --config %s\n",
			cli->program->name, usual, usual);
	return CLI_CONFIG;
}

void conf_warn_of_expiry(
	const struct cli *cli, const char *cert_file, uint64_t at_ms, const char *after)
{
	struct expiry expiry = {.at_ms = 0};
	int days;
	if (!expiry_note(&expiry, at_ms, cli_wall_ms(), &days))
		return;
	if (days < 0)
		cli_error(cli, "warning: %s expired %d day%s ago: %s", cert_file, -days,
			PLURAL_S(-days), after);
	else
		cli_error(cli, "warning: %s expires in %d day%s", cert_file, days, PLURAL_S(days));
}

static void print_json(const char *messages, const struct conf_fact *facts)
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
	(void)!writer_close(&w); /* cli_finish checks stdout */
}

int conf_checked(const struct cli *cli, const struct conf_error *why, const struct conf_fact *facts,
	const char *note)
{
	bool is_good = why->text[0] == '\0';
	if (cli_has(cli, "json"))
		print_json(why->text, facts);
	else if (is_good)
		(void)printf("%s: ok%s\n", conf_file_of(cli), note);
	else
		(void)conf_refused(cli, why);
	int code = cli_finish(cli);
	return is_good ? code : CLI_CONFIG;
}

static int run_sample(const struct cli *cli)
{
	struct writer w;
	writer_open_file(&w, stdout);
	if (cli_has(cli, "reference"))
		conf_write_manual(&w);
	else
		conf_write_sample(&w, cli->program->conf);
	(void)!writer_close(&w); /* cli_finish checks stdout */
	return cli_finish(cli);
}

static const struct cli_option sample_options[] = {
	CLI_OPTION(
		"reference", 0, .help = "the reference of all keys of both programs, as Markdown"),
	{.name = NULL}};

const struct cli_verb conf_verb_sample_config = {.name = "sample-config",
	.summary = "print a configuration with every key explained",
	.options = {sample_options},
	.run = run_sample};

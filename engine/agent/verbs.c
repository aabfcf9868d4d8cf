/* SPDX-License-Identifier: Apache-2.0
 * Shared by the verbs of platen: options, and the configuration. */
#include "engine/agent/verbs.h"

#include "engine/loop/file.h"
#include "engine/snmp/usm.h"
#include "proto/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const struct cli_option agent_option_models[] = {
	CLI_OPTION("models", 'm', .type = CLI_FOLDER, .value = "FOLDER",
		.help = "model files beside those that are built in"),
	{.name = NULL}};

const struct cli_option agent_option_ready_fd[] = {
	CLI_OPTION("ready-fd", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = 1023,
		.help = "write one JSON line to this descriptor once everything is open"),
	{.name = NULL}};

int agent_use_fips(const struct cli *cli, const struct agent_conf *conf)
{
	bool is_loaded;
	char why[LIMIT_WHY] = "";
	if (!conf->is_fips || usm_fips_open(&is_loaded, why, sizeof why) == 0)
		return CLI_OK;
	cli_error(cli, "%s", why);
	return CLI_FAILED;
}

int agent_load_conf(const struct cli *cli, struct agent_conf *conf)
{
	struct conf_error why;
	int err = agent_conf_load(conf, conf_file_of(cli), &why);
	if (err < 0)
		return conf_refused(cli, &why);
	log_set_level(conf->log_level);
	const char *models = cli_value(cli, "models");
	if (models != NULL)
		conf->models_dir = models;
	return CLI_OK;
}

int agent_peek_conf(const struct cli *cli, struct agent_conf *conf)
{
	struct conf_error why;
	return agent_conf_peek(conf, conf_file_of(cli), &why) < 0 ? conf_refused(cli, &why)
								  : CLI_OK;
}

int agent_in_state_dir(const struct cli *cli, int (*verb)(const struct cli *cli, const char *dir))
{
	struct agent_conf conf;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = verb(cli, conf.state_dir);
	agent_conf_free(&conf);
	return code;
}

int agent_new_file(const struct cli *cli, const char *path, FILE **ret)
{
	int fd = file_new(path);
	*ret = fd < 0 ? NULL : fdopen(fd, "w");
	if (*ret != NULL)
		return 0;
	int err = fd < 0 ? fd : -errno;
	cli_error(cli, "%s: %s", path, err_text(err));
	if (fd >= 0)
		(void)close(fd);
	return err;
}

int agent_read_file(struct buf *dst, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	int err = file_read(dst, fd);
	(void)close(fd);
	return err;
}

/* SPDX-License-Identifier: Apache-2.0
 * platen-hub check-config: the configuration, and the certificate and key that it names. */
#include "engine/hub/hub_verbs.h"

static int run(const struct cli *cli)
{
	struct hub_conf conf;
	struct conf_error why;
	if (hub_conf_load(&conf, conf_file_of(cli), &why) == 0)
		hub_conf_free(&conf);
	return conf_checked(cli, &why, NULL, "");
}

const struct cli_verb hub_verb_check_config = {.name = "check-config",
	.summary = "check the configuration and the files that it names",
	.details = "Prints file:line:column: message for each mistake and ends with 78; 0 if there "
		   "is none.",
	.options = {conf_option_config, cli_option_json},
	.run = run};

/* SPDX-License-Identifier: Apache-2.0
 * platen-hub check-config: the configuration, and the certificate and key that it names. */
#include "engine/conf/load.h"
#include "engine/hub/hub_reload.h"
#include "engine/hub/hub_verbs.h"
#include "engine/loop/tls.h"

/* Opens both as `run` does. An expired certificate does not stop the hub, so it is a warning. */
static void check_certificate(
	const struct cli *cli, const struct hub_conf *c, struct conf_error *error)
{
	const struct tls_server_options options = hub_tls_options(c);
	struct tls *tls;
	char why[LIMIT_CONF_VALUE + LIMIT_WHY] = "";
	if (tls_server_open(&tls, &options, why, sizeof why) < 0) {
		conf_error_say(error, conf_in_file(c->file),
			"\"tls.cert_file\", \"tls.key_file\": %s", why);
		return;
	}
	conf_warn_of_expiry(cli, c->cert_file, tls_own_expires_ms(tls), "agents refuse it");
	tls_close(tls);
}

static int run(const struct cli *cli)
{
	struct hub_conf conf;
	struct conf_error why;
	if (hub_conf_load(&conf, conf_file_of(cli), &why) == 0) {
		check_certificate(cli, &conf, &why);
		hub_conf_free(&conf);
	}
	return conf_checked(cli, &why, NULL, "");
}

const struct cli_verb hub_verb_check_config = {.name = "check-config",
	.summary = "check the configuration and the files that it names",
	.details = "Prints file:line:column: message for each mistake and ends with 78; 0 if there "
		   "is none.",
	.options = {conf_option_config, cli_option_json},
	.run = run};

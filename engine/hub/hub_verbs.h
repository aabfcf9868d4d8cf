/* SPDX-License-Identifier: Apache-2.0
 * The verbs of platen-hub. Each returns an exit code of cli.h. */
#ifndef PLATEN_HUB_HUB_VERBS_H
#define PLATEN_HUB_HUB_VERBS_H

#include "engine/cli/cli.h"
#include "engine/store/archive_view.h"

int hub_verb_run(const struct cli *cli);
int hub_verb_user_add(const struct cli *cli);
int hub_verb_devices(const struct cli *cli);
int hub_verb_device(const struct cli *cli);
int hub_verb_events(const struct cli *cli);
int hub_verb_report(const struct cli *cli);
int hub_verb_check_config(const struct cli *cli);

extern const struct cli_option hub_run_options[];
extern const struct cli_option hub_user_options[];
extern const struct cli_option hub_devices_options[];
extern const struct cli_option hub_device_options[];
extern const struct cli_option hub_events_options[];
extern const struct cli_option hub_report_options[];

/* Reads --config into `conf`, which the caller frees if the result is CLI_OK, and sets the log's
 * level; else the mistakes were printed, and the result is the exit code. */
int hub_load_conf(const struct cli *cli, struct hub_conf *conf);

/* A view of the archive that the configuration names, and one reading's memory. The caller closes
 * it if the result is CLI_OK; else the reason was printed. */
struct hub_looking {
	const struct cli *cli;
	struct hub_conf conf;
	struct archive_view *view;
	struct slab blocks;
};
int hub_look(struct hub_looking *l, const struct cli *cli);
void hub_look_away(struct hub_looking *l);

/* The exit code for a walk's result, after a message if it failed. */
int hub_walked(const struct hub_looking *l, int result);

#endif

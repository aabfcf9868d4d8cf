/* SPDX-License-Identifier: Apache-2.0
 * The verbs of platen-hub, one file each, and what they share. */
#ifndef PLATEN_HUB_HUB_VERBS_H
#define PLATEN_HUB_HUB_VERBS_H

#include "engine/cli/cli.h"
#include "engine/conf/conf.h"
#include "engine/conf/conf_verb.h"
#include "engine/store/archive_view.h"
#include "proto/base/slab.h"
#include "proto/history/history.h"
#include "proto/text/json_writer.h"

extern const struct cli_verb hub_verb_run, hub_verb_user_add, hub_verb_devices, hub_verb_device,
	hub_verb_events, hub_verb_supplies, hub_verb_report, hub_verb_sites, hub_verb_agents,
	hub_verb_check_config, hub_verb_key_show, hub_verb_key_rotate, hub_verb_import,
	hub_verb_audit_show, hub_verb_audit_verify, hub_verb_audit_export;

/* Reads --config into `conf` and sets the log's level; the caller frees `conf`. Else the exit code,
 * after the messages. */
int hub_load_conf(const struct cli *cli, struct hub_conf *conf);
/* Calls `verb` with the state directory of the configuration. Its exit code, or that of a
 * configuration that cannot be read, after the messages. */
int hub_in_state_dir(const struct cli *cli, int (*verb)(const struct cli *cli, const char *dir));

/* The archive beside the daemon, and the memory of one reading. */
struct hub_reader {
	const struct cli *cli;
	struct hub_conf conf;
	struct archive_view *view;
	struct slab blocks;
};

/* Opens the archive, calls `print` and closes it. `print` returns the result of an archive_view
 * function. The exit code, after a message if anything failed. */
int hub_read(const struct cli *cli, int (*print)(struct hub_reader *r));
/* The same for a table that --json or --csv prints in another form. */
int hub_read_table(const struct cli *cli, int (*print)(struct hub_reader *r));

/* The history state of a device, zeroed if it is damaged; suspect meters are marked in `reading`.
 */
void hub_read_history(
	struct history_state *s, const struct archive_device *d, struct reading *reading);

/* Calls `each` for the devices with this key, serial number or address (with or without its port).
 * Their number, or what `each` or the archive returned below 0. */
int hub_find_device(struct hub_reader *r, const char *id, archive_on_device *each, void *owner);

/* --site names the site of some device, or is not given: 0. Else ERR_USAGE after a message, or what
 * the archive returned. */
int hub_check_site(struct hub_reader *r) MUST_USE;

/* One device as JSON: with `has_events` its newest events too. */
struct hub_json {
	struct hub_reader *reader;
	struct writer w; /* on stdout */
	bool is_array;   /* of one object: commas between the devices, no newline behind */
	bool has_events;
};
int hub_print_json(void *owner, const struct archive_device *d); /* an archive_on_device */

enum { HUB_EVENTS_SHOWN = 200 }; /* of one device */

#endif

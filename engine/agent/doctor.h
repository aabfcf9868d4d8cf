/* SPDX-License-Identifier: Apache-2.0
 * The parts of platen doctor: verb_doctor.c runs them, doctor_host.c looks at files and disk,
 * doctor_hub.c at the way to the hub, doctor_printers.c at the targets, doctor_bundle.c writes the
 * support file. */
#ifndef PLATEN_AGENT_DOCTOR_H
#define PLATEN_AGENT_DOCTOR_H

#include "engine/agent/checklist.h"
#include "engine/conf/conf.h"
#include "engine/loop/loop.h"
#include "engine/ui/status.h"

#include <stdbool.h>

struct doctor {
	const struct cli *cli;
	struct loop *loop;
	const struct agent_conf *conf; /* whole only if is_loaded; else state_dir and site */
	bool is_loaded;
	struct conf_error conf_why; /* is_loaded false: the messages */
	struct checklist list;
	bool has_status;
	bool is_running;
	struct agent_status status;
};

void doctor_files(struct doctor *d);    /* rights and disk */
void doctor_daemon(struct doctor *d);   /* its status */
void doctor_hub(struct doctor *d);      /* DNS, TCP, TLS, clock, account */
void doctor_printers(struct doctor *d); /* SNMP for each target */

/* A JSON file without any secret of the configuration: 0, or an error after a message. */
int doctor_bundle(struct doctor *d, const char *path) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 * What the process has to load before it reads a printer: tables of character sets, model files. */
#ifndef PLATEN_AGENT_KNOWLEDGE_H
#define PLATEN_AGENT_KNOWLEDGE_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "proto/model/model.h"

struct agent_knowledge {
	const struct models *models;
	struct models own; /* with a folder's files; else nothing is in it */
};

/* Opens both; `folder` of model files, or NULL. Character sets that this system lacks are logged,
 * reading goes on without them. 0, and the caller closes it; or an error with its message. */
int agent_open_knowledge(
	struct agent_knowledge *k, const char *folder, struct conf_error *why) MUST_USE;

/* For verbs: the message goes to stderr. */
int agent_need_knowledge(struct agent_knowledge *k, const char *folder) MUST_USE;

/* Idempotent, also for one that was zeroed and never opened. */
void agent_close_knowledge(struct agent_knowledge *k);

#endif

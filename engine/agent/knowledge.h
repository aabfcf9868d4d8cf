/* SPDX-License-Identifier: Apache-2.0
 * Loaded by a process before it reads a printer: tables of character sets, model files. */
#ifndef PLATEN_AGENT_KNOWLEDGE_H
#define PLATEN_AGENT_KNOWLEDGE_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "proto/model/model.h"

struct agent_knowledge {
	const struct models *models;
	struct models own; /* the files of a folder; else empty */
};

/* Loads both; `folder` of model files, or NULL. A character set that this system lacks is logged,
 * not an error. 0, and the caller closes it; or an error with its message. */
int agent_open_knowledge(
	struct agent_knowledge *k, const char *folder, struct conf_error *why) MUST_USE;

/* For verbs: the message goes to stderr. */
int agent_need_knowledge(struct agent_knowledge *k, const char *folder) MUST_USE;

/* Idempotent; also for zeroed memory. */
void agent_close_knowledge(struct agent_knowledge *k);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * After a refused log-in at the hub: reads the secret's file again, on a worker, when the uplink
 * looks at its schedule. Embedded in struct agent and zeroed by agent_open. */
#ifndef PLATEN_AGENT_LOGIN_H
#define PLATEN_AGENT_LOGIN_H

#include "engine/conf/secret.h"
#include "engine/loop/workers.h"
#include "proto/base/limits.h"

struct agent_login {
	struct worker_job job;
	char file[LIMIT_CONF_VALUE + LIMIT_TEXT_LONG];
	struct secret secret; /* wiped at the end of each job */
};

/* An event of the uplink; `owner` is the agent. */
void agent_on_refused(void *owner);

#endif

/* SPDX-License-Identifier: Apache-2.0
 * The identifiers of this host, which corporate mode keeps from leaving. */
#ifndef PLATEN_AGENT_HOST_H
#define PLATEN_AGENT_HOST_H

#include "engine/conf/conf.h"
#include "proto/wire/policy.h"

/* The policy of the configuration and of the host, as they are now. */
void agent_make_policy(struct policy *p, const struct agent_conf *conf);

#endif

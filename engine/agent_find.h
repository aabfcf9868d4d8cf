/* SPDX-License-Identifier: Apache-2.0
 * The one printer that a verb names: its address, by a blocking look-up. */
#ifndef PLATEN_AGENT_FIND_H
#define PLATEN_AGENT_FIND_H

#include "engine/agent.h"
#include "engine/conf/conf.h"

/* 0, or ERR_NAME after one line on stderr. The community stays the options'. */
int agent_find(const struct agent_poll_options *o, struct conf_device *ret) MUST_USE;

#endif

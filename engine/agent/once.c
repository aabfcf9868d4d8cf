/* SPDX-License-Identifier: Apache-2.0
 * `platen once`: one cycle over every printer, then one sync. */
#include "engine/agent/agent_internal.h"

int agent_once(const struct agent_conf *conf, struct agent_summary *ret)
{
	struct agent a;
	int err = agent_open(&a, conf, true);
	if (err < 0)
		return err;
	a.cycle_began_ms = a.cycle_ended_ms = loop_now_ms(a.loop);
	if (a.devices > 0)
		agent_start(&a, 0);
	else
		agent_shut_down(&a);
	int ran = loop_run(a.loop);
	*ret = a.summary;
	int closed = agent_close(&a);
	return a.err < 0 ? a.err : ran < 0 ? ran : closed;
}

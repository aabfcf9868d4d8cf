/* SPDX-License-Identifier: Apache-2.0
 * platen audit show, verify, export. */
#include "engine/agent/verbs.h"
#include "engine/ui/audit_verb.h"
#include "proto/base/buf.h"

#include <limits.h>

enum { ID_DIGITS = 32 };

/* The agent's identity, as the hub's ledger names it; "" if it is not known here. */
static void read_agent_id(char id[ID_DIGITS + 2], const char *dir)
{
	char path[PATH_MAX];
	uint8_t bytes[ID_DIGITS + 2];
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	id[0] = '\0';
	if (snprintf(path, sizeof path, "%s/agent.id", dir) >= (int)sizeof path ||
		agent_read_file(&b, path) < 0 || b.len < ID_DIGITS)
		return;
	(void)snprintf(id, ID_DIGITS + 1, "%.*s", ID_DIGITS, (const char *)bytes);
}

static int verify_with_id(const struct cli *cli, const char *dir)
{
	char id[ID_DIGITS + 2];
	read_agent_id(id, dir);
	if (id[0] == '\0' && cli_has(cli, "peer")) {
		cli_error(cli,
			"%s/agent.id cannot be read: which entries of the other side are of this "
			"agent is not known",
			dir);
		return CLI_FAILED;
	}
	return audit_verify(cli, dir, id);
}

AUDIT_VERBS(agent, agent_in_state_dir, verify_with_id,
	"what the agent sent, changed and was asked to do");

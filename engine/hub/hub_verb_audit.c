/* SPDX-License-Identifier: Apache-2.0
 * platen-hub audit show, verify, export. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/audit_verb.h"

static int verify_any(const struct cli *cli, const char *dir)
{
	return audit_verify(cli, dir, NULL);
}

AUDIT_VERBS(hub, hub_in_state_dir, verify_any,
	"what the hub received, refused, changed and was asked to do");

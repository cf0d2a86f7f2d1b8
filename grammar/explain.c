#include "grammar/explain.h"
void explain_failure(Parse *p) { parse_fail_at(p, p->next - 1, "invalid syntax"); }

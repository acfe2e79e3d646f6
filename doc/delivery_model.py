#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Explicit-state check of doc/delivery.md: one person, up to two welcomes, two workers, one Set-CsClientPin, one lock.
A run issues and claims in one transaction, and holds refusals that may be the sender's until it is known.
Explores every interleaving of claims, content, replies (read, lost, late), held rows failed or released, kills, lease ends, sets, locks, cancels; prints a trace where a promise breaks."""
import sys
MUTANT = int(sys.argv[1]) if len(sys.argv) > 1 else 0  # 1: no version check, 2: no `uncertain`, 3: held rows fail whatever may have arrived: the check must then find a trace
from collections import deque, namedtuple
# person: version, active (name of the PIN that is valid), locked; newest: the PIN that the newest decision made (None: a welcome may still come)
# welcome: state, version, mha (may have arrived), unk, claim (claim id or 0), live (lease live)
# worker: phase idle|claimed|written|accepted|refused, w (index), cid
# world: delivered: frozenset of welcome indexes whose mail was accepted by the server
P = namedtuple('P', 'ver active locked')
W = namedtuple('W', 'st ver mha unk cid live told sets held', defaults=(False,))  # held: queued, not due
K = namedtuple('K', 'ph w cid alive ok')
S = namedtuple('S', 'p ws ks delivered decided cids sets locks cancels issues kills')
UNF = ('queued', 'sending', 'uncertain')
def rep(t, i, v): return t[:i] + (v,) + t[i+1:]
def supersede(ws, bylock):
    out = []
    for w in ws:
        if w.st in ('queued', 'uncertain') or (w.st == 'sending' and not w.live): w = w._replace(st='superseded', cid=0, held=False)
        out.append(w)
    return tuple(out)
def nxt(s):
    # a person types the welcome command (with -Force): resumes an unfinished one, else issues; unreported rule abstracted: a sent one told=False is told instead
    unf = [i for i, w in enumerate(s.ws) if w.st in UNF]
    if s.issues and not unf and not s.p.locked:
        i = len(s.ws) - 1
        if i >= 0 and s.ws[i].st in ('sent',) and not s.ws[i].told:
            yield 'typed again: told', s._replace(ws=rep(s.ws, i, s.ws[i]._replace(told=True)))
        else:
            yield 'issue', s._replace(p=s.p._replace(ver=s.p.ver + 1), ws=s.ws + (W('queued', s.p.ver + 1, False, 0, 0, False, False, s.sets),), issues=s.issues - 1)
            for j, k in enumerate(s.ks):  # a row of a run: issued and claimed at once
                if k.ph == 'idle' and s.cids < 6:
                    yield f'{j} issues and claims', s._replace(p=s.p._replace(ver=s.p.ver + 1), ws=s.ws + (W('sending', s.p.ver + 1, False, 0, s.cids + 1, True, False, s.sets),), ks=rep(s.ks, j, k._replace(ph='claimed', w=len(s.ws), cid=s.cids + 1)), cids=s.cids + 1, issues=s.issues - 1)
    if s.issues:
        for i in unf:
            if s.ws[i].st == 'uncertain': yield 'typed again: uncertain due', s._replace(ws=rep(s.ws, i, s.ws[i]._replace(st='queued')), issues=s.issues - 1)
    for j, k in enumerate(s.ks):
        if not k.alive: continue
        if k.ph == 'idle':
            for i, w in enumerate(s.ws):
                can = (w.st == 'queued' and not w.held) or (w.st == 'sending' and not w.live)
                if can and w.ver == s.p.ver and s.cids < 6:
                    mha = w.mha or w.st == 'sending'
                    yield f'{j} claims {i}', s._replace(ws=rep(s.ws, i, w._replace(st='sending', cid=s.cids + 1, live=True, mha=mha)), ks=rep(s.ks, j, k._replace(ph='claimed', w=i, cid=s.cids + 1)), cids=s.cids + 1)
        else:
            i = k.w; w = s.ws[i]; mine = w.cid == k.cid and w.st == 'sending'
            if k.ph == 'claimed':
                if mine and w.live:  # content only with lease left (and one worker may still write just as its lease ends)
                    yield f'{j} writes {i}', s._replace(ks=rep(s.ks, j, k._replace(ph='written')))
                    yield f'{j} deferred {i}', s._replace(ws=rep(s.ws, i, w._replace(st='queued', cid=0, live=False)), ks=rep(s.ks, j, K('idle', 0, 0, True, '')))
                    yield f'{j} rcpt refused {i}', s._replace(ws=rep(s.ws, i, w._replace(st='uncertain' if w.mha and MUTANT != 2 else 'failed', cid=0, live=False)), ks=rep(s.ks, j, K('idle', 0, 0, True, '')))
                    yield f'{j} rcpt refused {i}, held', s._replace(ws=rep(s.ws, i, w._replace(st='queued', cid=0, live=False, held=True)), ks=rep(s.ks, j, K('idle', 0, 0, True, '')))
                else: yield f'{j} gives up {i}', s._replace(ks=rep(s.ks, j, K('idle', 0, 0, True, '')))
            elif k.ph == 'written':
                yield f'server accepts {i} from {j}', s._replace(delivered=s.delivered | {i}, ks=rep(s.ks, j, k._replace(ph='accepted')))
                yield f'server accepts {i} from {j}, reply lost', s._replace(delivered=s.delivered | {i}, ks=rep(s.ks, j, k._replace(ph='unknown')))
                yield f'reply lost, not accepted {i}', s._replace(ks=rep(s.ks, j, k._replace(ph='unknown')))
                yield f'server refuses {i} from {j}', s._replace(ks=rep(s.ks, j, k._replace(ph='refused')))
            elif k.ph == 'accepted':
                d = K('idle', 0, 0, True, '')
                if w.st in ('queued', 'sending', 'uncertain', 'failed'):
                    if MUTANT == 1 or (s.p.ver == w.ver and not s.p.locked):
                        # activation: raises the version, supersedes nothing else (unique), decides
                        yield f'{j} records Accepted {i}', s._replace(p=P(s.p.ver + 1, ('w', i), s.p.locked), ws=tuple(x._replace(st='superseded', cid=0, held=False) if n != i and x.st in ('queued','uncertain') else x for n, x in enumerate(rep(s.ws, i, w._replace(st='sent', cid=0, live=False, held=False)))), ks=rep(s.ks, j, d), decided=('w', i))
                    else: yield f'{j} records Accepted {i}, changed', s._replace(ws=rep(s.ws, i, w._replace(st='superseded', cid=0, live=False, held=False)), ks=rep(s.ks, j, d))
                else: yield f'{j} records Accepted {i}: stays', s._replace(ks=rep(s.ks, j, d))
            elif k.ph == 'refused':
                d = K('idle', 0, 0, True, '')
                if mine:
                    yield f'{j} records Refused {i}', s._replace(ws=rep(s.ws, i, w._replace(st='uncertain' if w.mha and MUTANT != 2 else 'failed', cid=0, live=False)), ks=rep(s.ks, j, d))
                    yield f'{j} records Held {i}', s._replace(ws=rep(s.ws, i, w._replace(st='queued', cid=0, live=False, held=True)), ks=rep(s.ks, j, d))
                else: yield f'{j} drops Refused {i}', s._replace(ks=rep(s.ks, j, d))
            elif k.ph == 'unknown':
                d = K('idle', 0, 0, True, '')
                if mine: yield f'{j} records Unknown {i}', s._replace(ws=rep(s.ws, i, w._replace(st='uncertain' if w.unk >= 2 else 'queued', mha=True, unk=w.unk + 1, cid=0, live=False)), ks=rep(s.ks, j, d))
                else: yield f'{j} drops Unknown {i}', s._replace(ks=rep(s.ks, j, d))
        if s.kills and k.ph != 'idle':
            yield f'{j} killed', s._replace(ks=rep(s.ks, j, K('idle', 0, 0, True, '')), ws=tuple(x._replace(live=False) if x.cid == k.cid and x.st == 'sending' else x for x in s.ws), kills=s.kills - 1)
    for i, w in enumerate(s.ws):
        if w.held:
            yield f'held {i} is due again', s._replace(ws=rep(s.ws, i, w._replace(held=False)))
            yield f'held {i} fails', s._replace(ws=rep(s.ws, i, w._replace(st='uncertain' if w.mha and MUTANT not in (2, 3) else 'failed', held=False)))
        if w.st == 'sending' and w.live: yield f'lease of {i} runs out', s._replace(ws=rep(s.ws, i, w._replace(live=False)))
    live = any(w.st == 'sending' and w.live for w in s.ws)
    if s.sets and not live: yield 'Set-CsClientPin', s._replace(p=P(s.p.ver + 1, ('set', s.sets), s.p.locked), ws=supersede(s.ws, False), sets=s.sets - 1, decided=('set', s.sets))
    if s.locks: yield 'Lock', s._replace(p=P(s.p.ver + 1, s.p.active, True), ws=supersede(s.ws, True), locks=s.locks - 1)
    if s.cancels:
        for i, w in enumerate(s.ws):
            if w.st in ('queued', 'uncertain') or (w.st == 'sending' and not w.live): yield f'cancel {i}', s._replace(ws=rep(s.ws, i, w._replace(st='cancelled', cid=0, held=False)), cancels=s.cancels - 1)
def bad(a, ev, s):
    # 1 a welcome's PIN is valid only if its mail was accepted
    if s.p.active and s.p.active[0] == 'w' and s.p.active[1] not in s.delivered: return 'valid without a mail'
    # 2 the newest decision wins
    if s.p.active != a.p.active and s.p.active[0] == 'w':
        i = s.p.active[1]
        if s.ws[i].sets != s.sets or i != len(s.ws) - 1 or s.p.locked: return 'an older decision overwrote a newer one'
    # 3 at most one unfinished
    if sum(w.st in UNF for w in s.ws) > 1: return 'two unfinished welcomes'
    # 4 two different PINs in the mailbox only after the first one was sent and told, superseded by a decision, or cancelled
    for i in s.delivered:
        for j in s.delivered:
            if i < j and s.ws[i].st == 'failed': return f'welcome {i} failed and yet arrived, {j} arrived too'
    # 5 failed and delivered at rest (nobody holds a late Accepted)
    for i in s.delivered:
        if s.ws[i].st == 'failed' and all(k.ph == 'idle' for k in s.ks): return f'welcome {i} counts as failed, its mail arrived'
    # 6 sent but its mail never accepted
    for i, w in enumerate(s.ws):
        if w.st == 'sent' and i not in s.delivered: return 'sent without a mail'
    # 7 held is queued, and nobody is at it
    for w in s.ws:
        if w.held and (w.st != 'queued' or w.cid): return 'held and yet ' + w.st
    # 8 two welcomes in flight with different PINs, both may activate
    return None
def run(**o):
    a = dict(sets=1, locks=1, cancels=1, issues=2, kills=2); a.update(o)
    s0 = S(P(1, None, False), (), (K('idle', 0, 0, True, ''), K('idle', 0, 0, True, '')), frozenset(), None, 0, a['sets'], a['locks'], a['cancels'], a['issues'], a['kills'])
    seen = {s0: None}; q = deque([s0]); n = 0
    while q:
        s = q.popleft()
        for ev, t in nxt(s):
            b = bad(s, ev, t)
            if b:
                tr = [ev]; x = s
                while seen[x]: tr.append(seen[x][1]); x = seen[x][0]
                print(b + '\n' + '\n'.join('  ' + e for e in reversed(tr)), flush=True); return
            if t in seen: continue
            seen[t] = (s, ev); n += 1
            q.append(t)
            if n > 2_000_000: print('stopped at', n); return
    print('no promise broken in', n, 'states')
if __name__ == '__main__': run(sets=1, locks=0, cancels=1, kills=1); run(sets=0, locks=1, cancels=0, kills=2); run(sets=0, locks=0, cancels=0, kills=3)

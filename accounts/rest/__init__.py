"""What every API view of the house shares: errors, pages, repeatable writes, safe edits, sync.

    from accounts.rest.etags import MatchedEdits
    from accounts.rest.idempotency import IdempotentWrites
    from accounts.rest.sync import SyncedList

    class HabitViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet):
        serializer_class = HabitSerializer
        queryset = Habit.objects.none()

        def get_queryset(self):
            return Habit.objects.filter(user=self.request.user)   # deleted rows included

`IdempotentWrites`  `Idempotency-Key` on any write: sent twice, done once, answered twice. Needs nothing
                    of the view; works on a plain `APIView` too. Keep it leftmost. The handler runs in a
                    transaction together with the stored answer.
`MatchedEdits`      `ETag` on what `retrieve` and `update` answer, `If-Match` honoured on PATCH,
                    PUT and DELETE: 412 with the current state. For an action of your own call
                    `require_match(request, row, lambda: Serializer(row).data)` inside a transaction,
                    on a row read with `select_for_update()`.
`SyncedList`        `?updated_since=` on the list, with `{"id", "deleted_at"}` for deleted rows. The
                    queryset must include deleted rows; without the parameter the mixin leaves them out
                    of every action. A soft delete has to move `updated_at` (`save()` does,
                    `QuerySet.update()` does not unless told).
`Problem`           raise `Problem(409, "Already started.", code="already_started", run=str(run.pk))` for
                    an error that Django REST framework has no exception for.

Everything below `/api/` answers errors as `application/problem+json`, also where no view was found.
"""

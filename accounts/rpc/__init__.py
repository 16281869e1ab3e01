"""What every gRPC service of the house shares: who calls, how long, and how a refusal looks.

    protos, services = load("habits/rpc/habits.proto")

    class Habits(services.HabitsServicer):
        @unary
        def List(self, call: Call, request: Any) -> Any: ...          # in a thread, with the database

        @streaming
        async def Follow(self, call: Call, request: Any) -> AsyncGenerator[Any, None]: ...

`call.user` is the person the token of the call names; `Authenticated` lets nobody else through. What a method raises
becomes a status: the exceptions of the REST API mean the same here (see `refusing`).
"""

using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>PostgREST 14.5 over the schema <c>public</c>.</summary>
internal sealed class RestService(StandInDatabase database, KeyRing keys, StandInClock clock) : IService
{
    public const string JsonType = "application/json; charset=utf-8";

    private readonly RestTransaction _transactions = new(database);

    public async Task HandleAsync(ServiceRequest request)
    {
        var isAnonymous = true;
        try
        {
            // The token comes first: an expired one is told also while the database is down.
            var caller = RestCaller.Of(request.Authorization, keys, clock);
            isAnonymous = caller.IsAnonymous;
            CheckAccept(request);
            await RouteAsync(request, caller);
        }
        catch (RestError error)
        {
            await RefuseAsync(request, error);
        }
        catch (PostgresException exception) when (exception.SqlState is "57P01" or "57P02" or "57P03")
        {
            await RefuseAsync(request, new RestError(503, "PGRST001", "Database client error. Retrying the connection.", "no connection to the server\n"));
        }
        catch (PostgresException exception)
        {
            await RefuseAsync(request, RestError.Of(exception, isAnonymous));
        }
        catch (NpgsqlException)
        {
            await RefuseAsync(request, new RestError(503, "PGRST001", "Database client error. Retrying the connection.", "no connection to the server\n"));
        }
    }

    private async Task RouteAsync(ServiceRequest request, RestCaller caller)
    {
        var parts = request.Path.Split('/');
        switch (parts)
        {
            case ["", "rpc", { Length: > 0 } function]:
                await new Functions(database, _transactions).HandleAsync(request, caller, Uri.UnescapeDataString(function));
                break;
            case ["", { Length: > 0 } table]:
                await new Tables(database, _transactions).HandleAsync(request, caller, Uri.UnescapeDataString(table));
                break;
            case ["", ""]:
                await request.Response.NotImplementedAsync("the description of the API");
                break;
            default:
                throw new RestError(404, "PGRST125", "Invalid path specified in request URL");
        }
    }

    private static void CheckAccept(ServiceRequest request)
    {
        var accept = request.Header("Accept");
        if (accept is null)
        {
            return;
        }

        foreach (var type in accept.Split(',').Select(static part => part.Split(';')[0].Trim()))
        {
            if (type is "*/*" or "application/json" or "application/vnd.pgrst.object+json")
            {
                return;
            }
        }

        throw new RestError(406, "PGRST107", $"None of these media types are available: {accept}");
    }

    private static async Task RefuseAsync(ServiceRequest request, RestError error)
    {
        var response = request.Response;
        if (response.HasStarted)
        {
            return;
        }

        var range = response.Headers.ContentRange;
        response.Clear();
        Cors.TryPreflight(request.Context);
        if (error.Status == 416 && range.Count > 0)
        {
            response.Headers.ContentRange = range;
        }
        else
        {
            response.Headers["Proxy-Status"] = $"PostgREST; error={error.Code}";
        }

        if (error.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        if (error.Status == 503)
        {
            // Always zero, whatever the outage lasts.
            response.Headers.RetryAfter = "0";
        }

        await response.JsonAsync(error.Status, error.Body(), JsonType);
    }
}

namespace SupabaseStandIn.Gateway;

/// <summary>Creates the CORS response of the gateway, which allows any origin and the headers that supabase-js sends.</summary>
internal static class Cors
{
    private const string Headers =
        "authorization, apikey, x-client-info, x-supabase-api-version, content-type, prefer, range, range-unit, "
            + "accept-profile, content-profile, accept, "
        + "x-upsert, cache-control, x-metadata, x-retry-count, if-none-match, if-modified-since, x-region, "
        + "accept-language, content-language";

    public static bool TryPreflight(HttpContext context)
    {
        var request = context.Request.Headers;
        if (request.Origin.Count == 0)
        {
            return false;
        }

        var response = context.Response.Headers;
        response.AccessControlAllowOrigin = "*";
        if (!HttpMethods.IsOptions(context.Request.Method) || request.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        response.AccessControlAllowMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
        response.AccessControlAllowHeaders = Headers;
        response.AccessControlMaxAge = "3600";
        context.Response.StatusCode = StatusCodes.Status200OK;
        return true;
    }
}

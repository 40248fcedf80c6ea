using System.Globalization;
using System.Text.Json.Nodes;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Auth;

/// <summary>Writes an error response of Auth in the old or the new format. The date in the API version header selects the format.</summary>
internal static class AuthErrors
{
    private const string VersionHeader = "X-Supabase-Api-Version";
    private const string NewShape = "2024-01-01";

    public static Task WriteAsync(ServiceRequest request, AuthException error)
    {
        var headers = request.Response.Headers;
        var body = new JsonObject();
        var usesNewFormat = DateOnly.TryParseExact(
            request.Header(VersionHeader)?.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var version)
            && version >= DateOnly.ParseExact(NewShape, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (usesNewFormat)
        {
            headers[VersionHeader] = NewShape;
            body["code"] = error.Code;
            body["message"] = error.Message;
        }
        else if (error.Raised is { } raised && (raised.SqlState == "P0001" || raised.SqlState.StartsWith("PT", StringComparison.Ordinal)))
        {
            return WriteRaisedAsync(request, raised);
        }
        else
        {
            body["code"] = error.Status;
            body["error_code"] = error.Code;
            body["msg"] = error.Message;
            if (error.Status >= 500 && error.HasSpecificMessage)
            {
                body["error_id"] = Guid.NewGuid().ToString();
            }
        }

        if (error.Reasons is { } reasons)
        {
            body["weak_password"] = new JsonObject { ["reasons"] = new JsonArray([.. reasons.Select(reason => JsonValue.Create(reason))]) };
        }

        if (error.HasSpecificMessage && !(usesNewFormat && error.Reasons is not null))
        {
            headers["x-sb-error-code"] = error.Code;
        }

        return request.Response.JsonAsync(error.Status, body);
    }

    private static Task WriteRaisedAsync(ServiceRequest request, Npgsql.PostgresException raised)
    {
        var status = int.TryParse(raised.SqlState[2..], CultureInfo.InvariantCulture, out var requested) && raised.SqlState[0] == 'P'
            && requested >= 400
            ? requested
            : 500;
        var body = new JsonObject { ["code"] = raised.SqlState, ["message"] = raised.MessageText };
        if (raised.Hint is { } hint)
        {
            body["hint"] = hint;
        }

        if (raised.Detail is { } detail)
        {
            body["detail"] = detail;
        }

        return request.Response.JsonAsync(status, body);
    }
}

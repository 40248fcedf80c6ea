using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Gateway;

internal static class JsonResponses
{
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task JsonAsync(this HttpResponse response, int status, JsonNode body, string contentType = "application/json") =>
        response.TextAsync(status, body.ToJsonString(Json), contentType);

    public static async Task TextAsync(this HttpResponse response, int status, string text, string contentType)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
        }
    }

    /// <summary>Writes a response to an unsupported request. The message cannot be confused with a message of the real service.</summary>
    public static Task NotImplementedAsync(this HttpResponse response, string what) =>
        response.TextAsync(StatusCodes.Status501NotImplemented, $"The stand-in does not support this request: {what}.\n", "text/plain");
}

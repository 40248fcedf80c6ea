using System.Buffers;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Represents a 200 response with a balance.</summary>
internal sealed class CreditsResult(CreditsResponse response) : IResult, IEndpointMetadataProvider
{
    // The initial size of the buffer, in bytes. The members except the user id have at most about this size.
    private const int InitialCapacity = 256;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        JsonResult<CreditsResponse>.PopulateMetadata(method, builder);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = new ArrayBufferWriter<byte>(InitialCapacity);
        using (var writer = new Utf8JsonWriter(body))
        {
            response.WriteTo(writer);
        }

        return httpContext.Response.WriteBodyAsync(StatusCodes.Status200OK, body.WrittenMemory, "application/json; charset=utf-8");
    }
}
